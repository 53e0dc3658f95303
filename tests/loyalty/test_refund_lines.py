"""Lines given back: each no more than was sold of it, and its share of the points."""

from decimal import Decimal
from typing import Any

import pytest

from loyalty import rules
from loyalty.errors import (
    LineNotInPurchase,
    LineWithoutPurchase,
    RefundExceedsLine,
    RefundExceedsLineAmount,
)
from loyalty.models import Purchase, Refund, RefundLine
from loyalty.services.lines import Line, sold_lines
from loyalty.services.purchases import record_purchase

from .payments import buy_with, give_back, holder, moved, take
from .programmes import local, plain_programme

pytestmark = pytest.mark.django_db

NOON = local(2025, 3, 14, 12)


def sold(sku: str, quantity: str, amount: str) -> Line:
    return Line(sku, Decimal(quantity), Decimal(amount) / Decimal(quantity), Decimal(amount))


def back(number: int | None, quantity: str, amount: str) -> Line:
    money = Decimal(amount)
    return Line("X", Decimal(quantity), money, money, of_line=number)


LINES = [sold("TEA", "3", "100.00"), sold("CUP", "2", "60.00"), sold("BAG", "1", "0.01")]


@pytest.fixture
def purchase() -> Purchase:
    plain_programme()
    return record_purchase(
        source="till",
        external_id="P",
        at=NOON,
        amount=Decimal("160.01"),
        member=holder(1, at=NOON),
        lines=LINES,
        now=NOON,
    )


def left(purchase: Purchase) -> list[tuple[str, str]]:
    lines = sold_lines(purchase).values()
    return [(f"{line.quantity_left.normalize():f}", str(line.amount_left)) for line in lines]


def test_names_the_line_that_was_sold(purchase: Purchase) -> None:
    give_back(purchase, "63.33", NOON, lines=[back(1, "1", "33.33"), back(2, "1", "30.00")])
    kept = RefundLine.objects.order_by("number").values_list("purchase_line__sku", "amount")
    assert list(kept) == [("TEA", Decimal("33.33")), ("CUP", Decimal("30.00"))]
    assert left(purchase) == [("2", "66.67"), ("1", "30.00"), ("1", "0.01")]


def test_pieces_of_a_line_add_up_to_what_was_paid_for_it(purchase: Purchase) -> None:
    paid = []
    for _ in range(3):
        line = sold_lines(purchase)[1]
        amount = line.money_for(Decimal(1))
        give_back(purchase, str(amount), NOON, lines=[back(1, "1", str(amount))])
        paid.append(str(amount))
    assert paid == ["33.33", "33.34", "33.33"]
    assert left(purchase)[0] == ("0", "0.00")


@pytest.mark.parametrize(
    ("lines", "refusal", "words"),
    [
        ([back(1, "3.001", "1.00")], RefundExceedsLine, "Only 3 of line 1 (TEA)"),
        ([back(2, "2", "60.00"), back(2, "1", "0.00")], RefundExceedsLine, "Only 2 of line 2"),
        ([back(2, "-1", "1.00")], RefundExceedsLine, "Only 2 of line 2"),
        ([back(2, "1", "60.01")], RefundExceedsLineAmount, "Only 60.00 of what was paid"),
        ([back(3, "1", "0.02")], RefundExceedsLineAmount, "Only 0.01 of what was paid"),
        ([back(4, "1", "1.00")], LineNotInPurchase, "no line 4"),
    ],
)
def test_refuses_more_than_was_sold(
    lines: list[Line], refusal: type[Exception], words: str, purchase: Purchase
) -> None:
    amount = sum(line.amount for line in lines)
    with pytest.raises(refusal) as error:
        give_back(purchase, str(amount), NOON, lines=lines)
    assert words in str(error.value)
    assert not Refund.objects.exists()


@pytest.mark.parametrize(("quantity", "is_left"), [("1", True), ("1.001", False)])
def test_counts_what_came_back_before(quantity: str, is_left: bool, purchase: Purchase) -> None:
    give_back(purchase, "30.00", NOON, lines=[back(2, "1", "30.00")])
    lines = [back(2, quantity, "30.00")]
    if is_left:
        give_back(purchase, "30.00", NOON, lines=lines)
        return
    with pytest.raises(RefundExceedsLine, match=r"Only 1 of line 2 \(CUP\) is left"):
        give_back(purchase, "30.00", NOON, lines=lines)


def test_lines_that_name_none_are_kept_as_before(purchase: Purchase) -> None:
    give_back(purchase, "90.00", NOON, lines=[back(None, "9", "90.00")])
    assert RefundLine.objects.get().purchase_line is None
    assert left(purchase)[0] == ("3", "100.00")


def test_a_sold_line_is_named_with_its_purchase() -> None:
    plain_programme()
    with pytest.raises(LineWithoutPurchase):
        give_back(None, "1.00", NOON, member=holder(1, at=NOON), lines=[back(1, "1", "1.00")])


def test_money_of_a_line_is_without_the_part_paid_by_points() -> None:
    """Of 160.01, 79.00 were paid by points and 81.01 with money, of which tea is 50.63."""
    plain_programme()
    payment = take(holder(30_000, at=NOON), "160.01", NOON, points=7_900)
    purchase = buy_with(payment, NOON, lines=LINES)
    assert left(purchase) == [("3", "50.63"), ("2", "30.37"), ("1", "0.01")]
    refund = give_back(purchase, "50.63", NOON, lines=[back(1, "3", "50.63")])
    # floor(7,900 × 50.63 / 81.01) and floor(81 × 50.63 / 81.01)
    assert moved(refund) == [("restore", 4_937, 0), ("clawback", -50, 0)]
    refund = give_back(purchase, "30.37", NOON, lines=[back(2, "2", "30.37")])
    assert moved(refund) == [("restore", 2_962, 0), ("clawback", -30, 0)]
    refund = give_back(purchase, "0.01", NOON, lines=[back(3, "1", "0.01")])
    assert moved(refund) == [("restore", 1, 0), ("clawback", -1, 0)]


@pytest.mark.parametrize(
    ("points", "amounts", "shares"),
    [
        (100, ["33.33", "33.33", "33.34"], [33, 33, 34]),
        (101, ["33.33", "33.33", "33.34"], [33, 34, 34]),
        (1, ["0.50", "0.50"], [0, 1]),
        (7, ["0.00", "5.00"], [0, 7]),
        (7, ["0.00", "0.00"], [0, 0]),
        (7, [], []),
    ],
)
def test_shares_of_lines_add_up(points: int, amounts: list[str], shares: list[int]) -> None:
    assert rules.point_shares(points, [Decimal(amount) for amount in amounts]) == shares


@pytest.mark.parametrize("digits", [0, 2, 3])
def test_shares_of_money_add_up_in_every_currency(digits: int, settings: Any) -> None:
    settings.PROGRAMME_CURRENCY = {0: "JPY", 2: "CNY", 3: "KWD"}[digits]
    unit = Decimal(1).scaleb(-digits)
    parts = rules.net_parts([unit * 100, unit * 100, unit * 100], due=unit * 300, amount=unit * 101)
    assert parts == [unit * 34, unit * 33, unit * 34]
