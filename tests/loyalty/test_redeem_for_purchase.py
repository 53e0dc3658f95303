"""Points pay for part of a purchase: taken once, for one purchase of their member."""

from decimal import Decimal
from typing import Any

import pytest

from loyalty.errors import (
    AmountNegative,
    DebtOutstanding,
    KeyReused,
    LinesDoNotAddUp,
    PartsDoNotAddUp,
    PaymentGivenBack,
    PaymentOfAnotherMember,
    PaymentOfAnotherPrice,
    PaymentUsed,
    PointsPayTooMuch,
    PointsPayTooSmallPurchase,
    PointsTooFew,
    PurchaseConflict,
    RedemptionPaidForPurchase,
)
from loyalty.models import PointsEntry, PointsMoney, PointsPayment, ProductCategory, Purchase
from loyalty.services.dry_run import dry_run_of
from loyalty.services.points import redeem_points, restore_points
from loyalty.services.points_money import redeem_for_purchase
from loyalty.services.purchases import Line, record_purchase, record_refund
from tests.factories import MemberFactory, OperatorFactory

from .ledgers import account_of, lots_of
from .payments import buy_with, holder, take
from .programmes import earning_rule, local, plain_programme
from .roundtrips import MOST_UNDER_A_LOCK, under_the_lock

pytestmark = pytest.mark.django_db

NOON = local(2025, 3, 14, 12)


@pytest.fixture(autouse=True)
def _programme() -> None:
    plain_programme()


# Taking


def test_takes_what_was_quoted_soonest_expiring_first() -> None:
    member = holder(5_000, 25_000, at=NOON)
    operator = OperatorFactory.create()
    payment = take(member, "250.00", NOON, reason="At the till", operator=operator)
    entry = payment.entry
    assert (payment.points, payment.amount) == (12_500, Decimal("125.00"))
    assert (payment.purchase_amount, payment.points_per_money) == (Decimal("250.00"), 100)
    assert (entry.kind, entry.points, entry.at, entry.operator) == (
        "redeem",
        -12_500,
        NOON,
        operator,
    )
    assert entry.note.text == "At the till"
    assert entry.breakdown == {"purchase": "250.00", "worth": "125.00", "points_per_money": 100}
    assert [lot.remaining for lot in lots_of(member)] == [0, 17_500]
    assert account_of(member).balance == 17_500


def test_takes_exactly_what_was_agreed_on() -> None:
    payment = take(holder(30_000, at=NOON), "250.00", NOON, points=5_000)
    assert (payment.points, payment.amount) == (5_000, Decimal("50.00"))


def test_the_same_key_gives_the_first_back_even_when_the_points_are_gone() -> None:
    member = holder(12_500, at=NOON)
    first = take(member, "250.00", NOON, key="k")
    assert take(member, "250.00", NOON, key="k") == first
    assert take(member, "250.00", NOON, key="k", points=12_500) == first
    assert PointsPayment.objects.count() == 1
    assert account_of(member).balance == 0


@pytest.mark.parametrize("other", [{"amount": Decimal("250.01")}, {"points": 12_400}])
def test_refuses_a_key_that_was_used_for_something_else(other: dict[str, Any]) -> None:
    member = holder(30_000, at=NOON)
    take(member, "250.00", NOON, key="k")
    with pytest.raises(KeyReused):
        redeem_for_purchase(**{"member": member, "amount": Decimal(250), "key": "k", **other})
    redeem_points(member=member, points=100, key="plain", now=NOON)
    with pytest.raises(KeyReused):
        take(member, "250.00", NOON, key="plain")
    assert account_of(member).balance == 17_400


@pytest.mark.parametrize(
    ("spendable", "amount", "points", "refusal", "words"),
    [
        (30_000, "99.99", None, PointsPayTooSmallPurchase, "a purchase of 100.00 or more"),
        (30_000, "250.00", 12_600, PointsPayTooMuch, "50 % of a purchase: 12,500 points at most"),
        (12_400, "250.00", 12_500, PointsTooFew, "12,400 can be spent now: 12,400 can be used"),
        (30_000, "250.00", 150, PointsTooFew, "multiples of 100"),
        (99, "250.00", None, PointsTooFew, "99 can be spent now: 0 can be used"),
        (30_000, "-1.00", None, AmountNegative, "cannot be negative"),
    ],
)
def test_refuses_more_than_a_quote_allows(
    spendable: int, amount: str, points: int | None, refusal: type[Exception], words: str
) -> None:
    member = holder(spendable, at=NOON)
    with pytest.raises(refusal) as error:
        take(member, amount, NOON, points=points)
    assert words in str(error.value)
    assert account_of(member).balance == spendable
    assert not PointsPayment.objects.exists()


def test_refuses_while_points_are_owed() -> None:
    member = holder(500, at=NOON)
    redeem_points(member=member, points=500, key="r", now=NOON)
    record_refund(source="t", external_id="C", at=NOON, amount=Decimal(1), member=member, now=NOON)
    with pytest.raises(DebtOutstanding):
        take(member, "250.00", NOON)


def test_remembers_the_rate_of_its_day() -> None:
    payment = take(holder(30_000, at=NOON), "250.00", NOON)
    PointsMoney.objects.create(points_per_money=50)
    assert buy_with(payment, NOON).paid_by_points == Decimal("125.00")


def test_holds_the_lock_for_few_round_trips() -> None:
    member = holder(5_000, 25_000, at=NOON)
    statements = under_the_lock(lambda: take(member, "250.00", NOON, key="k", reason="Why"))
    assert len(statements) <= MOST_UNDER_A_LOCK, "\n".join(statements)


# Paying


def test_the_purchase_earns_on_the_money_alone() -> None:
    member = holder(30_000, at=NOON)
    payment = take(member, "250.00", NOON)
    purchase = buy_with(payment, NOON, discount=Decimal("50.00"), coupons=["SPRING-1"])
    purchase.refresh_from_db()
    assert (purchase.gross, purchase.discount, purchase.due) == (300, 50, 250)
    assert (purchase.paid_by_points, purchase.points_used, purchase.amount) == (125, 12_500, 125)
    assert (purchase.coupons, purchase.payment) == (["SPRING-1"], payment)
    assert PointsEntry.objects.get(purchase=purchase).points == 125


def test_lines_add_up_to_what_was_due_and_earn_by_the_money_paid_for_them() -> None:
    """Tea 150.00 and cups 100.00, half of each paid by points: tea alone earns double."""
    tea = ProductCategory.objects.create(code="tea", name_en="Tea")
    kind = account_of(holder(1, at=NOON)).point_type
    rule = earning_rule(kind, code="tea")
    rule.scopes.create(category=tea)
    payment = take(holder(30_000, at=NOON), "250.00", NOON)
    lines = [
        Line("T", Decimal(1), Decimal(150), Decimal("150.00"), category=tea),
        Line("C", Decimal(1), Decimal(100), Decimal("100.00")),
    ]
    purchase = buy_with(payment, NOON, lines=lines)
    assert PointsEntry.objects.get(purchase=purchase).points == 125 + 75
    assert [run.earning.points for run in dry_run_of(purchase)] == [200]


def test_refuses_lines_that_add_up_to_the_money_alone() -> None:
    payment = take(holder(30_000, at=NOON), "250.00", NOON)
    with pytest.raises(LinesDoNotAddUp):
        buy_with(payment, NOON, lines=[Line("T", Decimal(1), Decimal(125), Decimal(125))])


@pytest.mark.parametrize("gross", ["299.99", "300.01", "250.00"])
def test_refuses_parts_that_do_not_add_up(gross: str) -> None:
    payment = take(holder(30_000, at=NOON), "250.00", NOON)
    with pytest.raises(PartsDoNotAddUp) as error:
        buy_with(payment, NOON, discount=Decimal(50), gross=Decimal(gross))
    assert "coupons (50.00), points (125.00) and money (125.00) come to 300.00" in str(error.value)
    assert not Purchase.objects.exists()
    buy_with(payment, NOON, discount=Decimal(50), gross=Decimal("300.00"))


def test_refuses_a_negative_discount() -> None:
    with pytest.raises(AmountNegative):
        record_purchase(
            source="till",
            external_id="P",
            at=NOON,
            amount=Decimal(10),
            discount=Decimal(-1),
            now=NOON,
        )


def test_pays_for_one_purchase_only() -> None:
    payment = take(holder(30_000, at=NOON), "250.00", NOON)
    first = buy_with(payment, NOON)
    with pytest.raises(PaymentUsed, match=first.external_id):
        buy_with(payment, NOON, external_id="Another")
    assert buy_with(payment, NOON, external_id=first.external_id) == first
    assert Purchase.objects.count() == 1


@pytest.mark.parametrize("is_guest", [True, False])
def test_refuses_another_members_points(is_guest: bool) -> None:
    payment = take(holder(30_000, at=NOON), "250.00", NOON)
    member = None if is_guest else MemberFactory.create()
    with pytest.raises(PaymentOfAnotherMember):
        buy_with(payment, NOON, member=member)
    assert not Purchase.objects.exists()


@pytest.mark.parametrize("amount", ["124.99", "125.01", "0.00"])
def test_refuses_another_price_than_the_points_were_taken_for(amount: str) -> None:
    payment = take(holder(30_000, at=NOON), "250.00", NOON)
    with pytest.raises(PaymentOfAnotherPrice):
        buy_with(payment, NOON, amount=Decimal(amount))
    assert not Purchase.objects.exists()


@pytest.mark.parametrize("other", [{"discount": Decimal(1)}, {"coupons": ["X"]}])
def test_refuses_other_parts_for_a_known_number(other: dict[str, Any]) -> None:
    payment = take(holder(30_000, at=NOON), "250.00", NOON)
    first = buy_with(payment, NOON)
    with pytest.raises(PurchaseConflict):
        buy_with(payment, NOON, external_id=first.external_id, **other)


# Giving back a checkout that came to nothing


@pytest.mark.parametrize("points", [None, 100])
def test_an_abandoned_checkout_is_given_back_and_pays_for_nothing_then(points: int | None) -> None:
    member = holder(30_000, at=NOON)
    payment = take(member, "250.00", NOON)
    operator = OperatorFactory.create()
    restore = restore_points(
        redemption=payment.entry, key="undo", points=points, operator=operator, now=NOON
    )
    assert restore.operator == operator
    assert account_of(member).balance == 17_500 + (points or 12_500)
    with pytest.raises(PaymentGivenBack):
        buy_with(payment, NOON)
    assert not Purchase.objects.exists()


def test_what_paid_for_a_purchase_comes_back_with_its_refunds_only() -> None:
    member = holder(30_000, at=NOON)
    payment = take(member, "250.00", NOON)
    purchase = buy_with(payment, NOON)
    with pytest.raises(RedemptionPaidForPurchase, match=purchase.external_id):
        restore_points(redemption=payment.entry, key="undo", now=NOON)
    assert account_of(member).balance == 17_500 + 125
