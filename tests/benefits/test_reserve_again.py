"""The same checkout once more: a retry, another purchase under its key, one whose time was up."""

from datetime import timedelta
from decimal import Decimal

import pytest

from benefits.errors import (
    AmountBelowZero,
    CheckoutKeyNotUsable,
    CheckoutReused,
    PointsExceedPayable,
)
from benefits.models import Coupon
from benefits.rules import Basket, BasketLine
from benefits.services.checkout import release_coupons, use_coupons
from common.errors import DomainError
from members.models import Member
from tests.factories import MemberFactory

from .checkouts import reserve, status
from .offers import NOON, basket, coupon_for, offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    return MemberFactory.create()


def pay(member: Member) -> None:
    use_coupons(member=member, checkout_key="c1", now=NOON)


def test_the_same_again_changes_nothing(member: Member) -> None:
    ten, other = coupon_for(member), coupon_for(member, offer("other"))
    first = reserve(member, ten)
    again = reserve(member, ten, now=NOON + timedelta(minutes=5))
    assert again.shares == first.shares
    assert Coupon.objects.get(pk=ten.pk).reserved_until == NOON + timedelta(minutes=15)
    with pytest.raises(CheckoutReused):
        reserve(member, ten, other)
    pay(member)
    assert reserve(member, ten).discount == Decimal("10.00")
    assert (status(ten), status(other)) == ("used", "issued")


@pytest.mark.parametrize(
    "other",
    [
        basket("30.00", "69.00"),
        basket("100.00"),
        basket("10.00"),
        Basket(lines=(BasketLine("a", Decimal("30.00")), BasketLine("b", Decimal("70.00")))),
    ],
)
@pytest.mark.parametrize("is_used", [False, True])
def test_one_key_is_for_one_purchase(member: Member, other: Basket, is_used: bool) -> None:
    coupon = coupon_for(member, offer(minimum_spend=Decimal("100.00")))
    reserve(member, coupon)
    if is_used:
        pay(member)
    with pytest.raises(CheckoutReused):
        reserve(member, coupon, basket=other)
    assert status(coupon) == ("used" if is_used else "reserved")
    assert reserve(member, coupon).discount == Decimal("10.00")


def test_whose_time_was_up_holds_again(member: Member) -> None:
    ten, other = coupon_for(member), coupon_for(member, offer("other"))
    reserve(member, ten)
    later = NOON + timedelta(minutes=15)
    quote = reserve(member, ten, basket=basket("40.00"), now=later)
    assert quote.shares == {"1": Decimal("10.00")}
    ten.refresh_from_db()
    assert ten.reserved_until == later + timedelta(minutes=15)
    assert ten.shares == {"1": "10.00"}
    latest = later + timedelta(minutes=15)
    reserve(member, other, now=latest)
    assert (status(ten), status(other)) == ("issued", "reserved")


@pytest.mark.parametrize("key", ["", "k" * 256, "k\x00"])
def test_has_a_key_that_can_be_kept(member: Member, key: str) -> None:
    coupon = coupon_for(member)
    for act in (
        lambda: reserve(member, coupon, checkout_key=key),
        lambda: use_coupons(member=member, checkout_key=key, now=NOON),
        lambda: release_coupons(member=member, checkout_key=key),
    ):
        with pytest.raises(CheckoutKeyNotUsable):
            act()
    assert status(coupon) == "issued"


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "0.001", "1e30"])
def test_what_is_no_amount_is_refused(member: Member, amount: str) -> None:
    coupon, odd = coupon_for(member), Decimal(amount)
    for asked in (
        {"basket": basket("1.00", amount)},
        {"basket": basket("1.00", shipping=odd)},
        {"points_amount": odd},
    ):
        with pytest.raises(DomainError):
            reserve(member, coupon, **asked)
    assert status(coupon) == "issued"


def test_a_reservation_is_for_amounts_that_can_be_paid(member: Member) -> None:
    coupon = coupon_for(member)
    with pytest.raises(AmountBelowZero):
        reserve(member, coupon, points_amount=Decimal("-0.01"))
    reserve(member, coupon, points_amount=Decimal("90.00"))
    with pytest.raises(PointsExceedPayable):
        reserve(member, coupon, points_amount=Decimal("90.01"))
