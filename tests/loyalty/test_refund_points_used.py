"""A refund of a purchase that points paid for in part: they come back by the same floor."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from loyalty.errors import PointsPartNotAsked, RefundConflict, RefundExceedsPurchase
from loyalty.models import PointsEntry, PointsMoney, Purchase, UncollectedPoints
from loyalty.services.points import earn_points, redeem_points
from loyalty.services.purchases import record_refund
from members.models import Member
from tests.factories import OperatorFactory

from .ledgers import account_of, lots_of
from .payments import buy_with, give_back, holder, moved, take
from .programmes import full_programme, growth_points, local, plain_programme
from .roundtrips import under_the_lock
from .tampering import broken

pytestmark = pytest.mark.django_db

NOON = local(2025, 3, 14, 12)
# Both directions of base points and one of growth, each entry with its lots: see the decision.
MOST_WITH_POINTS_USED = 14


def paid_in_part(amount: str = "250.00", *points: int) -> Purchase:
    """Half of it by points: ¥125 by 12,500 of 30,000 points, ¥125 by money, which earns 125."""
    return buy_with(take(holder(*(points or (30_000,)), at=NOON), amount, NOON), NOON)


def holdings(purchase: Purchase) -> tuple[int, int]:
    assert purchase.member is not None
    account = account_of(purchase.member)
    return account.balance, account.debt


def test_a_full_refund_gives_everything_back() -> None:
    plain_programme()
    purchase = paid_in_part()
    refund = give_back(purchase, "125.00", NOON)
    assert moved(refund) == [("restore", 12_500, 0), ("clawback", -125, 0)]
    assert refund.paid_by_points == Decimal("125.00")
    assert holdings(purchase) == (30_000, 0)
    assert broken() == {}


@pytest.mark.parametrize(
    ("amounts", "restored", "clawed_back", "parts"),
    [
        (
            ["41.67", "41.67", "41.66"],
            [4_167, 4_167, 4_166],
            [41, 42, 42],
            ["41.67", "41.67", "41.66"],
        ),
        (["0.01", "124.99"], [1, 12_499], [0, 125], ["0.01", "124.99"]),
        (["124.99", "0.01"], [12_499, 1], [124, 1], ["124.99", "0.01"]),
        (
            ["0.00", "62.50", "0.00", "62.50"],
            [0, 6_250, 0, 6_250],
            [0, 62, 0, 63],
            ["0.00", "62.50", "0.00", "62.50"],
        ),
    ],
)
def test_partial_refunds_sum_exactly_in_any_order(
    amounts: list[str], restored: list[int], clawed_back: list[int], parts: list[str]
) -> None:
    plain_programme()
    purchase = paid_in_part()
    refunds = [give_back(purchase, amount, NOON) for amount in amounts]
    found = [{kind: points for kind, points, _debt in moved(refund)} for refund in refunds]
    assert [entries.get("restore", 0) for entries in found] == restored
    assert [-entries.get("clawback", 0) for entries in found] == clawed_back
    assert [str(refund.paid_by_points) for refund in refunds] == parts
    assert holdings(purchase) == (30_000, 0)
    assert broken() == {}


def test_thirds_of_a_hundred_come_back_as_33_34_34() -> None:
    """101 points at 1.01 paid for part of ¥101.01; ¥100 of money: the worked example, mirrored."""
    plain_programme(points=101, per_amount="100.00")
    PointsMoney.objects.create(points_per_money=100, multiple=1)
    member = holder(101, at=NOON)
    purchase = buy_with(take(member, "101.01", NOON, points=101), NOON)
    refunds = [give_back(purchase, amount, NOON) for amount in ("33.33", "33.33", "33.34")]
    assert [moved(refund) for refund in refunds] == [
        [("restore", 33, 0), ("clawback", -33, 0)],
        [("restore", 34, 0), ("clawback", -34, 0)],
        [("restore", 34, 0), ("clawback", -34, 0)],
    ]


def test_says_what_it_was_worked_out_from() -> None:
    plain_programme()
    purchase = paid_in_part()
    operator = OperatorFactory.create()
    give_back(purchase, "62.50", NOON)
    refund = give_back(purchase, "12.50", NOON, operator=operator)
    entry = PointsEntry.objects.get(refund=refund, kind="restore")
    assert (entry.points, entry.reverses, entry.operator) == (
        1_250,
        purchase.payment and purchase.payment.entry,
        operator,
    )
    assert entry.breakdown == {
        "used": 12_500,
        "paid": "125.00",
        "refunded": "75.00",
        "already": 6_250,
    }


# What comes back pays debt first, and can be clawed back at once


def test_what_comes_back_pays_debt_first() -> None:
    """2,000 are owed from elsewhere: of 12,500 that come back 10,500 are left, less 125."""
    plain_programme()
    purchase = paid_in_part()
    redeem_points(member=held_by(purchase), points=17_625, key="all", now=NOON)
    record_refund(
        source="t",
        external_id="X",
        at=NOON,
        amount=Decimal(2_000),
        member=purchase.member,
        now=NOON,
    )
    assert holdings(purchase) == (0, 2_000)
    refund = give_back(purchase, "125.00", NOON)
    assert moved(refund) == [("restore", 12_500, -2_000), ("clawback", -125, 0)]
    assert holdings(purchase) == (10_375, 0)
    assert broken() == {}


@pytest.mark.parametrize("policy", ["debt", "forgive"])
def test_what_comes_back_is_there_to_be_clawed_back(policy: str) -> None:
    """The points earned are spent: the refund takes them from what it gives back."""
    plain_programme(clawback=policy)
    purchase = paid_in_part()
    redeem_points(member=held_by(purchase), points=17_625, key="all", now=NOON)
    refund = give_back(purchase, "125.00", NOON)
    assert moved(refund) == [("restore", 12_500, 0), ("clawback", -125, 0)]
    assert holdings(purchase) == (12_375, 0)
    assert not UncollectedPoints.objects.exists()


@pytest.mark.parametrize(("policy", "debt", "uncollected"), [("debt", 1, []), ("forgive", 0, [1])])
def test_what_is_missing_then_is_owed_or_forgiven(
    policy: str, debt: int, uncollected: list[int]
) -> None:
    """12,625 points were earned and spent; 1.00 of 125.00 claims 101, and 100 come back."""
    plain_programme(points=101, per_amount="1.00", clawback=policy)
    purchase = paid_in_part()
    member = held_by(purchase)
    redeem_points(member=member, points=17_500 + 12_625, key="all", now=NOON)
    refund = give_back(purchase, "1.00", NOON)
    taken = ("clawback", -101, 1) if policy == "debt" else ("clawback", -100, 0)
    assert moved(refund) == [("restore", 100, 0), taken]
    assert holdings(purchase) == (0, debt)
    assert list(UncollectedPoints.objects.values_list("points", flat=True)) == uncollected


def held_by(purchase: Purchase) -> Member:
    assert purchase.member is not None
    return purchase.member


def test_before_activation_the_purchases_own_pending_lot_goes_first() -> None:
    plain_programme(holding="7D")
    member = holder(30_000, at=NOON - timedelta(days=10))
    purchase = buy_with(take(member, "250.00", NOON), NOON)
    assert [lot.remaining for lot in lots_of(member)] == [17_500, 125]
    refund = give_back(purchase, "25.00", NOON)
    assert moved(refund) == [("restore", 2_500, 0), ("clawback", -25, 0)]
    assert [lot.remaining for lot in lots_of(member)] == [20_000, 100]


def test_lots_near_their_end_come_back_as_a_new_lot_of_30_days() -> None:
    kind = plain_programme(expiry="20D")
    member = holder(6_000, at=NOON)
    kind.expiry = "60D"
    kind.save(update_fields=["expiry"])
    earn_points(member=member, points=24_000, key="long", now=NOON)
    purchase = buy_with(take(member, "250.00", NOON), NOON)
    give_back(purchase, "125.00", NOON)
    renewed = lots_of(member)[-1]  # the soonest to expire now: 125 are clawed back from it
    assert [lot.remaining for lot in lots_of(member)][:2] == [0, 24_000]
    assert (renewed.points, renewed.expiry) == (6_000, "30D")
    assert renewed.remaining == 5_875
    assert broken() == {}


# Where points paid for all of it


def paid_by_points_alone() -> Purchase:
    PointsMoney.objects.create(maximum_share=Decimal(100))
    return paid_in_part()


def test_a_purchase_without_money_is_refunded_by_its_points_part() -> None:
    plain_programme()
    purchase = paid_by_points_alone()
    assert (purchase.amount, purchase.points_used) == (0, 25_000)
    part = give_back(purchase, "0.00", NOON, points_part=Decimal("83.33"))
    rest = give_back(purchase, "0.00", NOON)
    assert (moved(part), part.paid_by_points) == ([("restore", 8_333, 0)], Decimal("83.33"))
    assert (moved(rest), rest.paid_by_points) == ([("restore", 16_667, 0)], Decimal("166.67"))
    assert holdings(purchase) == (30_000, 0)
    assert broken() == {}


@pytest.mark.parametrize("points_part", ["250.01", "-0.01"])
def test_refuses_more_than_the_part_that_is_left(points_part: str) -> None:
    plain_programme()
    purchase = paid_by_points_alone()
    with pytest.raises(Exception, match=r"Only 250\.00|negative"):
        give_back(purchase, "0.00", NOON, points_part=Decimal(points_part))
    with pytest.raises(RefundExceedsPurchase):
        give_back(purchase, "0.01", NOON)
    assert holdings(purchase) == (5_000, 0)


def test_the_part_is_asked_for_nowhere_else() -> None:
    plain_programme()
    purchase = paid_in_part()
    with pytest.raises(PointsPartNotAsked):
        give_back(purchase, "10.00", NOON, points_part=Decimal("10.00"))
    with pytest.raises(PointsPartNotAsked):
        give_back(None, "10.00", NOON, member=purchase.member, points_part=Decimal("10.00"))
    assert holdings(purchase) == (17_625, 0)


# Once, and with everything else


@pytest.mark.parametrize("other", [{"amount": "62.51"}, {"points_part": Decimal(1)}])
def test_counts_once_when_told_twice(other: dict[str, Any]) -> None:
    plain_programme()
    purchase = paid_in_part()
    first = give_back(purchase, "62.50", NOON, external_id="C")
    assert give_back(purchase, "62.50", NOON, external_id="C") == first
    with pytest.raises(RefundConflict):
        give_back(purchase, **{"amount": "62.50", "at": NOON, "external_id": "C", **other})
    assert holdings(purchase) == (17_500 + 6_250 + 125 - 62, 0)


def test_growth_follows_the_money() -> None:
    full_programme(holding="0D")
    purchase = paid_in_part()
    give_back(purchase, "62.50", NOON)
    assert account_of(held_by(purchase), "growth").balance == 125 - 62


def test_gives_back_though_the_purchase_earned_nothing() -> None:
    plain_programme(points=1, per_amount="1000.00")
    purchase = paid_in_part()
    growth_points()
    assert moved(give_back(purchase, "62.50", NOON)) == [("restore", 6_250, 0)]


def test_holds_the_lock_for_a_bounded_number_of_round_trips() -> None:
    full_programme(holding="0D")
    member = holder(5_000, 25_000, at=NOON - timedelta(days=9))
    purchase = buy_with(take(member, "250.00", NOON), NOON)
    statements = under_the_lock(lambda: give_back(purchase, "62.50", NOON))
    assert len(statements) <= MOST_WITH_POINTS_USED, "\n".join(statements)
