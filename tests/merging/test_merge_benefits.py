"""Coupons go along, what is under way is finished first, and no gift is given twice."""

from datetime import date, timedelta

import pytest

from benefits.errors import MergeWithCheckout, MergeWithOrders, MergeWithPlaces
from benefits.jobs import grant_birthday_perks
from benefits.models import BirthdayGrant, Coupon, CouponCounter, TierGift, TierGiftGrant
from benefits.services.checkout import reserve_coupons, use_coupons
from benefits.services.tier_gifts import answer_member
from common.errors import DomainError
from loyalty.models import Tier
from loyalty.services.adjustments import adjust_points
from members.models import Member, MemberMerge
from tests.benefits.events import event, registered
from tests.benefits.offers import NOON, basket, coupon_for, offer
from tests.benefits.perks import EVERYONE, born, perk
from tests.benefits.rewards import redeemed, reward
from tests.factories import MemberFactory
from tests.loyalty.ledgers import buy
from tests.loyalty.programmes import local, plain_programme
from tests.loyalty.tampering import broken

from .worlds import merge, undo

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=1)
JOINED = local(2024, 1, 1)


@pytest.fixture(autouse=True)
def _programme() -> None:
    plain_programme()


def person() -> Member:
    return MemberFactory.create(joined_at=JOINED)


def refused(kept: Member, merged: Member, error: type[DomainError]) -> None:
    with pytest.raises(error):
        merge(kept, merged, now=NOON)
    assert MemberMerge.objects.count() == 0


def test_coupons_go_to_the_kept_member_and_back() -> None:
    kept, merged, template = person(), person(), offer()
    coupon = coupon_for(merged, template)
    done = merge(kept, merged, now=NOON)
    coupon.refresh_from_db()
    assert (coupon.member, coupon.status) == (kept, "issued")
    counts = CouponCounter.objects.filter(template=template).values_list("member", "issued")
    assert dict(counts) == {kept.pk: 1, merged.pk: 0}
    assert broken() == {}
    undo(done, now=LATER)
    coupon.refresh_from_db()
    assert coupon.member == merged
    assert broken() == {}


def test_a_coupon_that_was_used_meanwhile_stays_the_kept_member_s() -> None:
    kept, merged = person(), person()
    coupon = coupon_for(merged)
    done = merge(kept, merged, now=NOON)
    reserve_coupons(
        member=kept, basket=basket("50.00"), codes=[coupon.code], checkout_key="c", now=NOON
    )
    use_coupons(member=kept, checkout_key="c", now=NOON)
    undo(done, now=LATER)
    coupon.refresh_from_db()
    assert (coupon.member, coupon.status) == (kept, "used")
    assert broken() == {}


def test_a_coupon_of_the_same_occasion_is_not_doubled() -> None:
    kept, merged, template = person(), person(), offer()
    coupon_for(kept, template, key="welcome")
    twin = coupon_for(merged, template, key="welcome")
    merge(kept, merged, now=NOON)
    twin.refresh_from_db()
    assert twin.member == merged


def test_refuses_while_a_checkout_holds_a_coupon() -> None:
    kept, merged = person(), person()
    coupon = coupon_for(merged)
    reserve_coupons(
        member=merged, basket=basket("50.00"), codes=[coupon.code], checkout_key="c", now=NOON
    )
    refused(kept, merged, MergeWithCheckout)
    merge(kept, merged, now=NOON + timedelta(hours=1))
    coupon.refresh_from_db()
    assert (coupon.member, coupon.status, coupon.checkout_key) == (kept, "issued", "")


def test_refuses_while_an_order_is_under_way_but_not_the_other_way_round() -> None:
    kept, merged = person(), person()
    adjust_points(member=merged, points=500, key="k", reason="A start", now=JOINED)
    redeemed(merged, reward(points=100), now=NOON)
    refused(kept, merged, MergeWithOrders)
    merge(merged, kept, now=NOON)


def test_refuses_while_a_place_at_an_event_is_held() -> None:
    kept, merged = person(), person()
    registered(merged, event())
    refused(kept, merged, MergeWithPlaces)


def test_a_perk_that_either_had_this_year_is_enough() -> None:
    template = offer("birthday")
    perk(kind="coupon", template=template)
    second = perk(span="month")
    kept, merged = born(3, 20), born(3, 20)
    Member.objects.filter(pk=kept.pk).update(birthday_set_on=date(2025, 3, 1))
    grant_birthday_perks(date(2025, 3, 20), *EVERYONE)
    assert set(BirthdayGrant.objects.values_list("member", flat=True)) == {merged.pk}
    Member.objects.filter(pk=kept.pk).update(birthday_set_on=date(2020, 1, 1))
    done = merge(kept, merged, now=local(2025, 3, 20, 12))
    grant_birthday_perks(date(2025, 3, 21), *EVERYONE)
    given = BirthdayGrant.objects.values_list("member", "perk__kind")
    assert set(given) == {(kept.pk, "coupon"), (merged.pk, second.kind)}
    assert "I25" not in broken()
    undo(done, now=local(2025, 3, 21, 12))
    assert set(BirthdayGrant.objects.values_list("member", flat=True)) == {merged.pk}


def test_a_tier_gift_that_either_had_is_enough() -> None:
    silver = Tier.objects.get(code="silver")
    TierGift.objects.create(
        tier=silver, name_en="Welcome", points=50, starts_on=date(2024, 1, 1), once="lifetime"
    )
    kept, merged = person(), person()
    buy(merged, "600.00", local(2025, 3, 1, 12))
    answer_member(member=merged, now=local(2025, 3, 2))
    assert TierGiftGrant.objects.get().member == merged
    merge(kept, merged, now=NOON)
    kept.refresh_from_db()
    assert kept.standing.tier == silver
    assert answer_member(member=kept, now=LATER) == []


def test_coupons_of_two_people_are_told_in_figures() -> None:
    kept, merged = person(), person()
    coupon_for(merged)
    assert Coupon.objects.for_member(merged).count() == 1
    merge(kept, merged, now=NOON)
    assert Coupon.objects.for_member(merged).count() == 0
