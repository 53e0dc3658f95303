"""I16 and I17: what is out and what was used, proved from the rows around the services."""

from decimal import Decimal

import pytest
from django.db.models import F

from benefits.models import Coupon, CouponBatch, CouponCounter, CouponTemplate, CouponUse
from benefits.services.batches import issue_next, promise_codes, promise_coupons
from benefits.services.checkout import reserve_coupons, use_coupons
from loyalty.services.purchases import record_purchase
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.programmes import plain_programme
from tests.loyalty.tampering import broken, overwrite, unchecked

from .offers import NOON, basket, coupon_for, offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    return MemberFactory.create()


@pytest.fixture
def coupon(member: Member) -> Coupon:
    """One of two in stock."""
    return coupon_for(member, offer(stock=2))


@pytest.fixture
def use(member: Member, coupon: Coupon) -> CouponUse:
    reserve_coupons(
        member=member, codes=[coupon.code], basket=basket("90.00"), checkout_key="c", now=NOON
    )
    return use_coupons(member=member, checkout_key="c", now=NOON)[0]


def test_is_clean_with_coupons_in_every_state(use: CouponUse) -> None:
    template = offer("many")
    issue_next(batch=promise_codes(template=template, count=2, key="b", now=NOON), now=NOON)
    promise_coupons(template=template, members=MemberFactory.create_batch(2), key="m", now=NOON)
    assert broken() == {}


def test_finds_a_counter_that_lost_one(coupon: Coupon) -> None:
    template = coupon.template
    overwrite(template, issued=0)
    row = ("template", template.pk, "coupons given out", 1, 0)
    assert broken() == {"I16": [row]}


def test_finds_more_coupons_than_the_stock(member: Member, coupon: Coupon) -> None:
    template = coupon.template
    with unchecked(CouponTemplate, "coupontemplate_within_stock"):
        overwrite(template, stock=0)
    assert broken() == {"I16": [("template", template.pk, "within its stock", 0, 1)]}


def test_finds_a_coupon_that_was_written_around_the_services(coupon: Coupon) -> None:
    template = coupon.template_id
    Coupon.objects.bulk_create([copied(coupon, code="2" * 12, key="")])
    assert broken() == {
        "I16": [
            ("member", coupon.member_id, f"coupons of template {template}", 2, 1),
            ("template", template, "coupons given out", 2, 1),
        ]
    }


def copied(coupon: Coupon, **changes: object) -> Coupon:
    copy = Coupon.objects.get(pk=coupon.pk)
    copy.pk = None
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy


def test_finds_a_members_counter_that_is_off(coupon: Coupon) -> None:
    overwrite(CouponCounter.objects.get(), issued=F("issued") + 1)
    what = f"coupons of template {coupon.template_id}"
    assert broken() == {"I16": [("member", coupon.member_id, what, 1, 2)]}


def test_finds_a_batch_that_says_it_wrote_more() -> None:
    batch = promise_codes(template=offer(), count=3, key="b", now=NOON)
    overwrite(batch, done=2)
    assert broken() == {
        "I16": [
            ("batch", batch.pk, "coupons of it", 2, 0),
            ("template", batch.template_id, "coupons given out", 1, 3),
        ]
    }
    assert CouponBatch.objects.get().done == 2


def test_finds_a_second_use(use: CouponUse) -> None:
    with unchecked(CouponUse, "couponuse_once"):
        CouponUse.objects.create(
            coupon=use.coupon, member=use.member, checkout_key="d", discount=0, at=NOON
        )
        assert broken() == {"I17": [("coupon", use.coupon_id, "uses that stand", 1, 2)]}


def test_finds_a_use_of_a_coupon_that_is_open_again(use: CouponUse) -> None:
    overwrite(use.coupon, status="issued")
    assert broken() == {"I17": [("coupon", use.coupon_id, "uses that stand", 0, 1)]}


def test_finds_a_coupon_used_without_a_use(use: CouponUse) -> None:
    use.delete()
    assert broken() == {"I17": [("coupon", use.coupon_id, "uses that stand", 1, 0)]}


def test_finds_a_use_by_another_member(use: CouponUse) -> None:
    owner, stranger = use.member_id, MemberFactory.create()
    overwrite(use, member=stranger)
    assert broken() == {"I17": [("use", use.pk, "member who used it", owner, stranger.pk)]}


def test_finds_a_use_on_another_members_purchase(use: CouponUse) -> None:
    plain_programme()
    stranger = MemberFactory.create()
    purchase = record_purchase(
        source="till",
        external_id="P",
        at=NOON,
        amount=Decimal(1),
        member=stranger,
        now=NOON,
    )
    overwrite(use, purchase=purchase)
    row = ("use", use.pk, "member of its purchase", stranger.pk, use.member_id)
    assert broken() == {"I17": [row]}


def test_finds_a_use_before_the_coupon_was_valid(use: CouponUse) -> None:
    overwrite(use, at=F("at") - (NOON - NOON.replace(hour=11)))
    assert broken() == {"I17": [("use", use.pk, "used before it was valid", 0, 1)]}
