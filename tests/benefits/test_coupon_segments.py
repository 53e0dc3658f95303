"""Segments: whose members coupons and rewards are for, by the day, and issuing to all of them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from benefits import jobs
from benefits.catalogue import catalogue_of
from benefits.errors import (
    CouponRefusal,
    OutOfStock,
    RewardRefusal,
    SegmentEmpty,
    TemplateClosed,
)
from benefits.models import Coupon, CouponBatch, CouponCounter, CouponTemplate, RewardOrder
from benefits.services import batches
from benefits.services.batches import issue_next, promise_to_segment
from benefits.services.checkout import reserve_coupons, use_coupons
from benefits.services.issuing import claim_coupon
from benefits.services.quotes import quote_purchase
from benefits.services.redeeming import redeem_reward
from benefits.wallet import offers_for
from common.integrity import broken_constraint
from loyalty.models import PointsAccount
from members.models import Member, Notice, Segment
from members.services import add_to_segment, take_from_segment
from tests.factories import MemberFactory
from tests.loyalty.programmes import base_points, local, spend_tiers
from tests.loyalty.tampering import broken

from .offers import NOON, basket, coupon_for, offer, stand_on, window
from .rewards import reward, rich_member

pytestmark = pytest.mark.django_db

TODAY = NOON.date()


@pytest.fixture
def segment() -> Segment:
    return Segment.objects.create(code="tasters", name_en="Tasters", name_zh="品茶会友")


@pytest.fixture
def member() -> Member:
    return MemberFactory.create()


def join(segment: Segment, *members: Member, on: date = TODAY) -> None:
    add_to_segment(segment=segment, cards=[member.card_number for member in members], on=on)


def leave(segment: Segment, member: Member, on: date) -> None:
    take_from_segment(segment=segment, cards=[member.card_number], on=on)


def offer_for(segment: Segment, **terms: Any) -> CouponTemplate:
    template = offer(**terms)
    template.segments.add(segment)
    return template


def reason(member: Member, coupon: Coupon, day: date = TODAY) -> str:
    quote = quote_purchase(
        member=member,
        codes=[coupon.code],
        basket=basket("90.00"),
        now=local(day.year, day.month, day.day, 12),
    )
    return quote.coupons[0].reason


# --- Using --------------------------------------------------------------------------------------


def test_the_segments_of_the_day_decide(member: Member, segment: Segment) -> None:
    coupon = coupon_for(member, offer_for(segment))
    days = [TODAY + timedelta(days=number) for number in range(3)]
    join(segment, member, on=days[1])
    leave(segment, member, on=days[2])
    assert [reason(member, coupon, day) for day in days] == [
        "segment_not_eligible",
        "",
        "segment_not_eligible",
    ]


def test_one_of_several_segments_is_enough(member: Member, segment: Segment) -> None:
    template = offer_for(segment)
    template.segments.add(Segment.objects.create(code="other", name_en="Other"))
    coupon = coupon_for(member, template)
    assert coupon.conditions == {"segments": sorted(found.pk for found in Segment.objects.all())}
    join(segment, member)
    assert reason(member, coupon) == ""


def test_a_coupon_keeps_the_segments_of_its_issue(member: Member, segment: Segment) -> None:
    template = offer_for(segment)
    coupon = coupon_for(member, template)
    template.segments.clear()
    coupon.refresh_from_db()
    assert reason(member, coupon) == "segment_not_eligible"


def test_nothing_is_held_for_others(member: Member, segment: Segment) -> None:
    coupon = coupon_for(member, offer_for(segment))
    with pytest.raises(CouponRefusal) as refusal:
        reserve_coupons(
            member=member, codes=[coupon.code], basket=basket("9.00"), checkout_key="c", now=NOON
        )
    assert refusal.value.code == "segment_not_eligible"
    coupon.refresh_from_db()
    assert coupon.status == "issued"


def test_who_leaves_after_reserving_may_still_pay(member: Member, segment: Segment) -> None:
    coupon = coupon_for(member, offer_for(segment))
    join(segment, member)
    reserve_coupons(
        member=member, codes=[coupon.code], basket=basket("9.00"), checkout_key="c", now=NOON
    )
    leave(segment, member, on=TODAY)
    assert len(use_coupons(member=member, checkout_key="c", now=NOON)) == 1


def test_a_claim_is_for_the_segment(member: Member, segment: Segment) -> None:
    everyone, *_ = spend_tiers()
    template = offer_for(segment)
    window(template, everyone)
    assert offers_for(member, NOON) == []
    with pytest.raises(CouponRefusal) as refusal:
        claim_coupon(template=template, member=member, key="k", now=NOON)
    assert refusal.value.code == "segment_not_eligible"
    join(segment, member)
    assert [shown.is_open for shown in offers_for(member, NOON)] == [True]
    assert claim_coupon(template=template, member=member, key="k", now=NOON).member == member


# --- Giving out ---------------------------------------------------------------------------------


def promised(template: CouponTemplate, segment: Segment, key: str = "b") -> CouponBatch:
    return promise_to_segment(template=template, segment=segment, key=key, now=NOON)


def test_every_active_member_of_the_day_gets_one(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "RANGE", 2)
    members = MemberFactory.create_batch(5)
    paused, gone, coming = MemberFactory.create_batch(3)
    Member.objects.filter(pk=paused.pk).update(status="paused")
    join(segment, *members, paused, gone, on=date(2025, 1, 1))
    leave(segment, gone, on=TODAY)
    join(segment, coming, on=TODAY + timedelta(days=1))

    batch = promised(offer(stock=5), segment)
    assert (batch.size, batch.left_out, batch.segment) == (5, 0, segment)
    assert broken() == {}
    progress = []
    while not batch.is_done:
        batch = issue_next(batch=batch, now=NOON)
        progress.append(batch.done)
    assert progress == [2, 4, 5]
    assert {coupon.member for coupon in Coupon.objects.all()} == set(members)
    assert Notice.objects.filter(kind="coupon_issued").count() == 5
    assert set(CouponCounter.objects.values_list("issued", flat=True)) == {1}
    assert broken() == {}


def test_who_has_enough_is_left_out(segment: Segment) -> None:
    template = offer(per_member_limit=1)
    full, other = MemberFactory.create_batch(2)
    coupon_for(full, template)
    join(segment, full, other)
    batch = promised(template, segment)
    assert (batch.size, batch.left_out) == (1, 1)
    jobs.issue_batches()
    assert sorted(coupon.member_id for coupon in Coupon.objects.all()) == [full.pk, other.pk]
    assert broken() == {}


def test_one_key_promises_once(segment: Segment, member: Member) -> None:
    template = offer()
    join(segment, member)
    assert promised(template, segment) == promised(template, segment)
    join(segment, MemberFactory.create())
    assert promised(template, segment).size == 1
    assert promised(template, segment, key="c").size == 2


def test_a_second_batch_gives_a_second_coupon(segment: Segment, member: Member) -> None:
    template = offer()
    join(segment, member)
    for key in "ab":
        promised(template, segment, key)
    jobs.issue_batches()
    assert CouponCounter.objects.get().issued == member.coupons.count() == 2
    assert broken() == {}


def nobody(template: CouponTemplate, member: Member) -> None:
    take_from_segment(segment=Segment.objects.get(), cards=[member.card_number], on=TODAY)


def everyone_full(template: CouponTemplate, member: Member) -> None:
    CouponTemplate.objects.update(per_member_limit=1)
    coupon_for(member, template)


def sold_out(template: CouponTemplate, member: Member) -> None:
    CouponTemplate.objects.update(stock=0)


def closed(template: CouponTemplate, member: Member) -> None:
    CouponTemplate.objects.update(is_active=False)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (nobody, SegmentEmpty),
        (everyone_full, SegmentEmpty),
        (sold_out, OutOfStock),
        (closed, TemplateClosed),
    ],
)
def test_is_refused_whole(
    segment: Segment,
    member: Member,
    spoil: Callable[[CouponTemplate, Member], None],
    error: type[Exception],
) -> None:
    template = offer()
    join(segment, member)
    spoil(template, member)
    before = CouponTemplate.objects.get().issued
    with pytest.raises(error):
        promised(template, segment)
    assert not CouponBatch.objects.exists()
    assert CouponTemplate.objects.get().issued == before


def test_codes_are_of_no_segment(segment: Segment) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        CouponBatch.objects.create(template=offer(), kind="codes", size=1, segment=segment)
    assert broken_constraint(error.value, CouponBatch) == "couponbatch_segment_has_members"


# --- Rewards ------------------------------------------------------------------------------------


def test_a_reward_is_for_its_segment(segment: Segment) -> None:
    base_points()
    member = rich_member()
    item = reward()
    item.segments.add(segment)
    assert catalogue_of(member, NOON).is_empty
    with pytest.raises(RewardRefusal) as refusal:
        redeem_reward(reward=item, member=member, key="k", now=NOON)
    assert refusal.value.code == "segment_not_eligible"
    assert (PointsAccount.objects.get().balance, RewardOrder.objects.count()) == (1_000, 0)
    join(segment, member)
    assert [shown.reward for shown in catalogue_of(member, NOON).now] == [item]
    assert redeem_reward(reward=item, member=member, key="k", now=NOON).points == 300


def test_nobody_pays_for_a_coupon_that_is_not_for_them(segment: Segment) -> None:
    base_points()
    _everyone, silver, *_ = spend_tiers()
    member = rich_member()
    template = offer_for(segment)
    template.tiers.add(silver)
    item = reward("ten", kind="coupon", coupon_template=template)
    reasons = []
    for change in (lambda: join(segment, member), lambda: stand_on(member, silver)):
        with pytest.raises(RewardRefusal) as refusal:
            redeem_reward(reward=item, member=member, key="k", now=NOON)
        reasons.append(refusal.value.code)
        change()
    assert reasons == ["segment_not_eligible", "tier_not_eligible"]
    assert not Coupon.objects.exists()
    assert redeem_reward(reward=item, member=member, key="k", now=NOON).coupon is not None
