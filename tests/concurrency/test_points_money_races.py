"""Points as money that several connections want at once, on PostgreSQL; each with its control."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from common.errors import DomainError
from loyalty.errors import (
    PaymentGivenBack,
    PaymentUsed,
    PointsTooFew,
    RedemptionPaidForPurchase,
    RefundExceedsPurchase,
    RestoreExceedsRedemption,
)
from loyalty.models import PointsEntry, PointsPayment, Purchase, Refund
from loyalty.services.points import restore_points
from loyalty.services.points_money import quote_points, redeem_for_purchase
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member
from tests.loyalty.payments import buy_with, holder
from tests.loyalty.programmes import plain_programme

from .test_points_races import NOON, ROUNDS, breaks, broken, points_of, unguarded  # noqa: F401
from .threads import all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THREADS = 50
PRICE = Decimal(250)


def take(member: Member, key: str, points: int | None = None) -> PointsPayment:
    return redeem_for_purchase(member=member, amount=PRICE, key=key, points=points, now=NOON)


def quote_and_take(member: Member, key: str) -> None:
    """As a till does it: what was quoted is what is asked for."""
    take(member, key, quote_points(member=member, amount=PRICE, now=NOON).points or None)


# --- All points twice, quoted and taken -----------------------------------------------------------


def spend_all(threads: int = THREADS) -> bool:
    member = holder(12_500, at=NOON)
    acts = [partial(quote_and_take, member, f"pay:{number}") for number in range(threads)]
    told = all_at_once([outcome(act, PointsTooFew) for act in acts])
    is_one = PointsPayment.objects.for_member(member).count() == 1
    return told.count("done") == 1 and is_one and points_of(member) == (0, 0)


def spend_all_by_ten() -> bool:
    return spend_all(10)


def test_all_points_pay_once() -> None:
    plain_programme()
    assert all(spend_all() for _round in range(ROUNDS))
    assert broken() == set()


def test_all_points_pay_twice_without_guards(unguarded: None) -> None:  # noqa: F811
    plain_programme()
    assert breaks(spend_all_by_ten)
    assert broken() != set()


def take_by_one_key() -> bool:
    member = holder(30_000, at=NOON)
    answers = all_at_once([partial(take, member, "pay")] * THREADS)
    return len({payment.pk for payment in answers}) == 1 and points_of(member) == (17_500, 0)


def test_one_key_takes_once() -> None:
    plain_programme()
    assert all(take_by_one_key() for _round in range(ROUNDS))
    assert broken() == set()


# --- One payment for many purchases ---------------------------------------------------------------


def pay_for_many(threads: int = THREADS) -> bool:
    member = holder(12_500, at=NOON)
    payment = take(member, "pay")
    numbers = [f"P-{member.pk}-{number}" for number in range(threads)]
    acts = [partial(buy_with, payment, NOON, external_id=number) for number in numbers]
    told = all_at_once([outcome(act, PaymentUsed) for act in acts])
    paid = Purchase.objects.filter(payment=payment).count()
    return told.count("done") == 1 and paid == 1 and points_of(member) == (125, 0)


def pay_for_ten() -> bool:
    return pay_for_many(10)


def test_a_payment_pays_for_one_purchase() -> None:
    plain_programme()
    assert all(pay_for_many() for _round in range(ROUNDS))
    assert broken() == set()


def test_a_payment_pays_for_several_without_guards(unguarded: None) -> None:  # noqa: F811
    plain_programme()
    assert breaks(pay_for_ten)


# --- A purchase while its checkout is given up ----------------------------------------------------


def buy_while_giving_up() -> bool:
    """Either the purchase is paid by points, or they are back: never both."""
    member = holder(12_500, at=NOON)
    payment = take(member, "pay")
    buy = partial(buy_with, payment, NOON, external_id=f"P-{member.pk}")
    undo = partial(restore_points, redemption=payment.entry, key="undo", now=NOON)
    # Only without guards has one of the same key given everything back before another asks.
    give_up = outcome(undo, RedemptionPaidForPurchase, RestoreExceedsRedemption)
    told = all_at_once([outcome(buy, PaymentGivenBack), *[give_up] * 9])
    is_bought = told[0] == "done"
    left = 125 if is_bought else 12_500
    refusals = {"RedemptionPaidForPurchase"} if is_bought else {"done"}
    return set(told[1:]) == refusals and points_of(member) == (left, 0)


def test_points_pay_or_come_back() -> None:
    plain_programme()
    assert all(buy_while_giving_up() for _round in range(6 * ROUNDS))
    assert broken() == set()


def test_points_pay_and_come_back_without_guards(unguarded: None) -> None:  # noqa: F811
    plain_programme()
    assert breaks(buy_while_giving_up)


# --- Refunds at once of what points paid in part --------------------------------------------------


def refund(purchase: Purchase, number: str, amount: str) -> Refund:
    return record_refund(
        source="till",
        external_id=number,
        at=NOON,
        amount=Decimal(amount),
        purchase=purchase,
        now=NOON,
    )


def refund_in_parts(threads: int = THREADS) -> bool:
    """Fifty refunds of 12.50 of a purchase of 125.00: ten are recorded, and all points are back."""
    member = holder(12_500, at=NOON)
    purchase = buy_with(take(member, "pay"), NOON, external_id=f"P-{member.pk}")
    acts: list[Callable[[], object]] = [
        partial(refund, purchase, f"C-{member.pk}-{number}", "12.50") for number in range(threads)
    ]
    told = all_at_once([outcome(act, RefundExceedsPurchase) for act in acts])
    moved = PointsEntry.objects.filter(refund__purchase=purchase)
    restored, taken = (moved.filter(kind=kind).total() for kind in ("restore", "clawback"))
    return (told.count("done"), restored, taken) == (10, 12_500, -125) and points_of(member) == (
        12_500,
        0,
    )


def refund_in_twelve_parts() -> bool:
    return refund_in_parts(12)


def test_refunds_at_once_give_back_what_was_used() -> None:
    plain_programme()
    assert all(refund_in_parts() for _round in range(ROUNDS))
    assert broken() == set()


def test_refunds_at_once_give_back_too_much_without_guards(unguarded: None) -> None:  # noqa: F811
    plain_programme()
    assert breaks(refund_in_twelve_parts)


# --- Purchases and refunds of one member ----------------------------------------------------------


def buy_and_refund() -> bool:
    """Points taken, purchases that earn and refunds that give back, in any order: all adds up."""
    member = holder(12_500, at=NOON)
    purchase = buy_with(take(member, "pay"), NOON, external_id=f"P-{member.pk}")
    plain = [
        partial(buy_plainly, member, f"Q-{member.pk}-{number}") for number in range(THREADS // 2)
    ]
    back = [
        partial(refund, purchase, f"C-{member.pk}-{number}", "5.00")
        for number in range(THREADS // 2)
    ]
    acts: list[Callable[[], object]] = [*plain, *back]
    told = all_at_once([outcome(act, DomainError) for act in acts])
    return set(told) == {"done"} and points_of(member) == (12_500 + 10 * (THREADS // 2), 0)


def buy_plainly(member: Member, number: str) -> Purchase:
    return record_purchase(
        source="till", external_id=number, at=NOON, amount=Decimal(10), member=member, now=NOON
    )


def test_purchases_and_refunds_add_up() -> None:
    plain_programme()
    assert all(buy_and_refund() for _round in range(ROUNDS))
    assert broken() == set()


def test_purchases_and_refunds_are_lost_without_guards(unguarded: None) -> None:  # noqa: F811
    plain_programme()
    assert breaks(buy_and_refund)
