"""A checkout with coupons: quoted, reserved, used, released, given back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from benefits.errors import (
    AmountBelowZero,
    CouponExpired,
    CouponNotFound,
    CouponNotOpen,
    CouponOfAnother,
    CouponReserved,
    NotReserved,
    NotStackable,
    PointsExceedPayable,
    VoidReasonMissing,
)
from benefits.models import Coupon, CouponUse
from benefits.services.batches import issue_next, promise_codes
from benefits.services.checkout import (
    give_back_coupons,
    release_coupons,
    use_coupons,
)
from benefits.services.quotes import quote_purchase
from benefits.services.voiding import void_coupon
from loyalty.models import PointsMoney, Purchase
from loyalty.services.points import earn_points
from loyalty.services.points_money import redeem_for_purchase
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.programmes import local, plain_programme, spend_tiers
from tests.loyalty.tampering import broken

from .checkouts import reserve, status
from .offers import NOON, basket, coupon_for, offer, percent_offer

pytestmark = pytest.mark.django_db

PAID = {"checkout_key": "c1", "now": NOON}


@pytest.fixture
def member() -> Member:
    return MemberFactory.create()


# --- Quote ------------------------------------------------------------------------------------


def test_a_quote_says_what_is_taken_off_and_takes_nothing(member: Member) -> None:
    ten, tenth = coupon_for(member, offer()), coupon_for(member, percent_offer("10"))
    shipping = coupon_for(member, offer("free", kind="free_shipping"))
    quote = quote_purchase(
        member=member,
        codes=[coupon.shown_code for coupon in (ten, tenth, shipping)],
        basket=basket("30.00", "70.00", shipping=Decimal("8.00")),
        points_amount=Decimal("5.00"),
        now=NOON,
    )
    assert quote.is_applicable
    assert (str(quote.discount), str(quote.shipping_discount)) == ("20.00", "8.00")
    assert quote.shares == {"1": Decimal("6.00"), "2": Decimal("14.00")}
    assert str(quote.payable) == "75.00"
    assert {status(coupon) for coupon in (ten, tenth, shipping)} == {"issued"}


def test_a_quote_passes_over_what_does_not_apply(member: Member) -> None:
    dear = coupon_for(member, offer("dear", minimum_spend=Decimal("500.00")))
    ten = coupon_for(member, offer())
    quote = quote_purchase(
        member=member, codes=[dear.code, ten.code, ten.code], basket=basket("100.00"), now=NOON
    )
    assert [quoted.reason for quoted in quote.coupons] == ["minimum_spend", ""]
    assert not quote.is_applicable
    assert (str(quote.discount), str(quote.payable)) == ("10.00", "90.00")


def test_points_pay_no_more_than_is_left(member: Member) -> None:
    coupon = coupon_for(member)
    ask = {"member": member, "codes": [coupon.code], "basket": basket("100.00"), "now": NOON}
    assert quote_purchase(points_amount=Decimal("90.00"), **ask).payable == 0  # type: ignore[arg-type]
    with pytest.raises(PointsExceedPayable):
        quote_purchase(points_amount=Decimal("90.01"), **ask)  # type: ignore[arg-type]
    with pytest.raises(AmountBelowZero):
        quote_purchase(points_amount=Decimal("-0.01"), **ask)  # type: ignore[arg-type]


# --- Reserve ----------------------------------------------------------------------------------


def test_a_reservation_holds_for_a_time(member: Member) -> None:
    coupon = coupon_for(member)
    reserve(member, coupon)
    coupon.refresh_from_db()
    assert (coupon.status, coupon.checkout_key) == ("reserved", "c1")
    assert coupon.reserved_until == NOON + timedelta(minutes=15)
    assert (coupon.discount, coupon.shares) == (Decimal("10.00"), {"1": "3.00", "2": "7.00"})
    with pytest.raises(CouponReserved):
        reserve(member, coupon, checkout_key="c2")
    reserve(member, coupon, checkout_key="c2", now=NOON + timedelta(minutes=15))
    assert Coupon.objects.get().checkout_key == "c2"


def test_all_coupons_are_reserved_or_none(member: Member) -> None:
    ten, alone = coupon_for(member), coupon_for(member, offer("alone", is_stackable=False))
    with pytest.raises(NotStackable):
        reserve(member, ten, alone)
    assert {status(ten), status(alone)} == {"issued"}


def test_another_members_coupon_is_not_reserved(member: Member) -> None:
    with pytest.raises(CouponNotFound):
        reserve(member, coupon_for())


def test_a_code_that_nobody_holds_becomes_the_members(member: Member) -> None:
    batch = promise_codes(template=offer(), count=1, key="b", now=NOON)
    issue_next(batch=batch, now=NOON)
    coupon = Coupon.objects.get()
    reserve(member, coupon)
    release_coupons(member=member, checkout_key="c1")
    assert Coupon.objects.get().member == member
    assert broken() == {}


def test_a_checkout_without_coupons_holds_nothing(member: Member) -> None:
    assert reserve(member).payable == Decimal("100.00")
    with pytest.raises(NotReserved):
        use_coupons(member=member, **PAID)  # type: ignore[arg-type]


# --- Use and release --------------------------------------------------------------------------


def test_use_is_recorded_once(member: Member) -> None:
    coupon = coupon_for(member)
    reserve(member, coupon)
    (use,) = use_coupons(member=member, **PAID)  # type: ignore[arg-type]
    assert (use.discount, use.shares) == (Decimal("10.00"), {"1": "3.00", "2": "7.00"})
    assert use_coupons(member=member, **PAID) == [use]  # type: ignore[arg-type]
    assert (CouponUse.objects.count(), status(coupon)) == (1, "used")
    assert release_coupons(member=member, checkout_key="c1") == 0
    assert status(coupon) == "used"
    assert broken() == {}


def test_another_members_checkout_is_not_mine(member: Member) -> None:
    coupon = coupon_for(member)
    reserve(member, coupon)
    other = MemberFactory.create()
    with pytest.raises(NotReserved):
        use_coupons(member=other, **PAID)  # type: ignore[arg-type]
    assert release_coupons(member=other, checkout_key="c1") == 0
    assert status(coupon) == "reserved"


def test_another_members_purchase_uses_no_coupon_of_mine(member: Member) -> None:
    plain_programme()
    coupon = coupon_for(member)
    reserve(member, coupon)
    theirs = record_purchase(
        source="till",
        external_id="P-2",
        at=NOON,
        amount=Decimal("90.00"),
        member=MemberFactory.create(),
        now=NOON,
    )
    with pytest.raises(CouponOfAnother):
        use_coupons(member=member, purchase=theirs, **PAID)  # type: ignore[arg-type]
    assert status(coupon) == "reserved"


def test_release_gives_the_coupon_back(member: Member) -> None:
    coupon = coupon_for(member)
    reserve(member, coupon)
    assert release_coupons(member=member, checkout_key="c1") == 1
    assert release_coupons(member=member, checkout_key="c1") == 0
    coupon.refresh_from_db()
    assert (coupon.status, coupon.discount, coupon.shares) == ("issued", 0, {})
    reserve(member, coupon, checkout_key="c2")


def test_a_reservation_whose_time_is_up_still_counts(member: Member) -> None:
    coupon = coupon_for(member)
    reserve(member, coupon)
    use_coupons(member=member, checkout_key="c1", now=NOON + timedelta(hours=2))
    assert status(coupon) == "used"


def test_validity_may_end_during_a_reservation_but_not_after_it(member: Member) -> None:
    evening, midnight = local(2025, 3, 14, 23, 50), local(2025, 3, 15)
    for key, minutes, is_used in (("a", 14, True), ("b", 15, False)):
        coupon = coupon_for(member, offer(key, ends_on=NOON.date()))
        reserve(member, coupon, checkout_key=key, now=evening)
        paid = {"member": member, "checkout_key": key, "now": evening + timedelta(minutes=minutes)}
        if is_used:
            use_coupons(**paid)  # type: ignore[arg-type]
        else:
            with pytest.raises(CouponExpired):
                use_coupons(**paid)  # type: ignore[arg-type]
        assert status(coupon) == ("used" if is_used else "reserved")
    with pytest.raises(CouponExpired):
        reserve(member, coupon_for(member, offer(ends_on=NOON.date())), now=midnight)


# --- Refunds ----------------------------------------------------------------------------------


@pytest.fixture
def purchase(member: Member) -> Purchase:
    """90.00 paid with a coupon of 10.00 off, valid through the 16th."""
    plain_programme()
    coupon = coupon_for(member, offer(ends_on=local(2025, 3, 16).date()))
    reserve(member, coupon)
    purchase = record_purchase(
        source="till",
        external_id="P-1",
        at=NOON,
        amount=Decimal("90.00"),
        member=member,
        now=NOON,
    )
    use_coupons(member=member, purchase=purchase, **PAID)  # type: ignore[arg-type]
    return purchase


def refund(purchase: Purchase, amount: str) -> None:
    number = f"R-{purchase.refunds.count()}"
    record_refund(
        source="till",
        external_id=number,
        at=NOON,
        amount=Decimal(amount),
        purchase=purchase,
        now=NOON,
    )


def test_a_whole_refund_gives_the_coupon_back(purchase: Purchase) -> None:
    refund(purchase, "89.99")
    assert give_back_coupons(purchase=purchase, now=NOON) == []
    refund(purchase, "0.01")
    (coupon,) = give_back_coupons(purchase=purchase, now=NOON)
    assert status(coupon) == "issued"
    assert give_back_coupons(purchase=purchase, now=NOON) == []
    assert CouponUse.objects.get().returned_at == NOON
    assert broken() == {}
    reserve(coupon.member, coupon, checkout_key="c2")  # type: ignore[arg-type]
    use_coupons(member=coupon.member, checkout_key="c2", now=NOON)  # type: ignore[arg-type]
    assert CouponUse.objects.count() == 2
    assert broken() == {}


@pytest.mark.parametrize(
    ("at", "expected"), [(local(2025, 3, 16, 23, 59), "issued"), (local(2025, 3, 17), "used")]
)
def test_a_coupon_comes_back_while_it_is_valid(purchase: Purchase, at: Any, expected: str) -> None:
    refund(purchase, "90.00")
    give_back_coupons(purchase=purchase, now=at)
    assert Coupon.objects.get().status == expected
    assert broken() == {}


def test_what_points_paid_must_come_back_too(member: Member) -> None:
    kind = plain_programme()
    PointsMoney.objects.create(maximum_share=100, minimum_purchase=Decimal(1))
    earn_points(member=member, points=10_000, key="rich", now=NOON)
    reserve(member, coupon_for(member))
    payment = redeem_for_purchase(
        member=member, amount=Decimal("90.00"), points=9_000, key="p", now=NOON
    )
    purchase = record_purchase(
        source="till",
        external_id="P-1",
        at=NOON,
        amount=Decimal(0),
        member=member,
        payment=payment,
        now=NOON,
    )
    use_coupons(member=member, purchase=purchase, **PAID)  # type: ignore[arg-type]
    given: list[int] = []
    for number, part in enumerate(("89.00", "1.00")):
        record_refund(
            source="till",
            external_id=f"R-{number}",
            at=NOON,
            amount=Decimal(0),
            purchase=purchase,
            points_part=Decimal(part),
            now=NOON,
        )
        given.append(CouponUse.objects.to_give_back(NOON + timedelta(days=1)).count())
        given.append(len(give_back_coupons(purchase=purchase, now=NOON)))
    assert given == [0, 0, 1, 1]
    assert kind.is_spendable
    assert broken() == {}


def test_a_purchase_that_a_coupon_paid_alone_gives_it_back(member: Member) -> None:
    plain_programme()
    coupon = coupon_for(member, offer(amount=Decimal(100)))
    assert reserve(member, coupon).payable == 0
    paid = {"source": "till", "at": NOON, "amount": Decimal(0), "now": NOON}
    purchase = record_purchase(external_id="P-1", member=member, **paid)  # type: ignore[arg-type]
    use_coupons(member=member, purchase=purchase, **PAID)  # type: ignore[arg-type]
    assert give_back_coupons(purchase=purchase, now=NOON) == []
    record_refund(external_id="R-1", purchase=purchase, **paid)  # type: ignore[arg-type]
    assert give_back_coupons(purchase=purchase, now=NOON) == [coupon]


def test_a_template_edited_after_the_issue_changes_nothing(member: Member) -> None:
    template = offer()
    coupon = coupon_for(member, template)
    changed = {"kind": "percent_off", "amount": None, "percent": 90, "is_active": False}
    for name, value in (changed | {"minimum_spend": Decimal(500), "validity": "0D"}).items():
        setattr(template, name, value)
    template.save()
    template.tiers.add(*spend_tiers()[3:])
    later = NOON + timedelta(days=29)
    assert reserve(member, coupon, now=later).discount == Decimal("10.00")
    use_coupons(member=member, checkout_key="c1", now=later)
    assert CouponUse.objects.get().discount == Decimal("10.00")


@pytest.mark.parametrize(
    ("currency", "goods", "off", "shares"),
    [
        ("JPY", ("100", "100", "101"), "100", ["33", "33", "34"]),
        ("KWD", ("0.001", "1.000", "0.002"), "0.999", ["0.001", "0.996", "0.002"]),
    ],
)
def test_a_checkout_is_exact_in_any_currency(
    member: Member, settings: Any, currency: str, goods: Any, off: str, shares: list[str]
) -> None:
    settings.PROGRAMME_CURRENCY = currency
    template = offer(amount=Decimal(off), minimum_spend=Decimal("1"))
    half = percent_offer("50", ceiling=Decimal("1"))
    coupons = [coupon_for(member, template), coupon_for(member, half)]
    alone = reserve(member, coupons[0], basket=basket(*goods), checkout_key="a")
    assert [str(share) for share in alone.shares.values()] == shares
    release_coupons(member=member, checkout_key="a")
    both = reserve(member, *coupons, basket=basket(*goods))
    assert both.discount == sum(both.shares.values())
    assert 0 <= both.payable == sum(map(Decimal, goods)) - both.discount
    again = reserve(member, *coupons, basket=basket(*goods))
    assert (again.payable, again.shares) == (both.payable, both.shares)
    uses = use_coupons(member=member, checkout_key="c1", now=NOON)
    assert sum(use.discount for use in uses) == both.discount
    assert broken() == {}


# --- Withdrawal -------------------------------------------------------------------------------


def test_a_withdrawal_needs_a_reason(member: Member) -> None:
    coupon = coupon_for(member)
    for reason in ("", "   "):
        with pytest.raises(VoidReasonMissing):
            void_coupon(coupon=coupon, reason=reason)
    reserve(member, coupon)
    voided = void_coupon(coupon=coupon, reason=" Printed twice ", now=NOON)
    assert (voided.status, voided.void_reason, voided.checkout_key) == (
        "voided",
        "Printed twice",
        "",
    )
    assert void_coupon(coupon=coupon, reason="Again").void_reason == "Printed twice"
    with pytest.raises(NotReserved):
        use_coupons(member=member, **PAID)  # type: ignore[arg-type]


def test_what_was_used_is_not_withdrawn(member: Member) -> None:
    coupon = coupon_for(member)
    reserve(member, coupon)
    use_coupons(member=member, **PAID)  # type: ignore[arg-type]
    with pytest.raises(CouponNotOpen, match="Its status: used"):
        void_coupon(coupon=coupon, reason="Why")
    assert status(coupon) == "used"
