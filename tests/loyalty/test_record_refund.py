"""Recording a refund: once, from recorded amounts, in the order in which points are taken back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from loyalty.errors import (
    AmountNegative,
    HappensInFuture,
    LinesDoNotAddUp,
    RefundConflict,
    RefundExceedsPurchase,
    RefundOfAnotherMember,
)
from loyalty.models import (
    PointsAccount,
    PointsEntry,
    PointsLot,
    Purchase,
    Refund,
    RefundLine,
    Standing,
    UncollectedPoints,
)
from loyalty.services.points import earn_points, redeem_points
from loyalty.services.purchases import Line, record_purchase, record_refund
from members.models import Member
from tests.factories import MemberFactory

from .programmes import full_programme, local, plain_programme
from .roundtrips import MOST_UNDER_A_LOCK, under_the_lock

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 3, 14, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon_in_shanghai() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


def buy(member: Member | None, amount: str = "100.00", **facts: Any) -> Purchase:
    number = f"R-{Purchase.objects.count() + 1}"
    details = {"source": "till", "external_id": number, "at": NOON, **facts}
    return record_purchase(member=member, amount=Decimal(amount), **details)


def give_back(amount: str, **facts: Any) -> Refund:
    number = f"C-{Refund.objects.count() + 1}"
    details = {"source": "till", "external_id": number, "at": NOON, **facts}
    return record_refund(amount=Decimal(amount), **details)


def clawbacks(code: str = "base") -> list[tuple[int, int]]:
    entries = PointsEntry.objects.of_type(code).filter(kind="clawback").order_by("number")
    return list(entries.values_list("points", "debt_change"))


def remaining() -> list[int]:
    return list(PointsLot.objects.order_by("id").values_list("remaining", flat=True))


def account() -> tuple[int, int]:
    row = PointsAccount.objects.get(point_type__code="base")
    return row.balance, row.debt


def test_partial_refunds_sum_exactly() -> None:
    plain_programme(points=101, per_amount="100.00")
    purchase = buy(MemberFactory.create())
    for amount in ("33.33", "33.33", "33.34"):
        give_back(amount, purchase=purchase)
    assert clawbacks() == [(-33, 0), (-34, 0), (-34, 0)]
    assert account() == (0, 0)
    assert remaining() == [0]


def test_says_what_it_was_worked_out_from() -> None:
    plain_programme(points=101, per_amount="100.00")
    purchase = buy(MemberFactory.create())
    give_back("33.33", purchase=purchase)
    refund = give_back("33.33", purchase=purchase)
    entry = PointsEntry.objects.get(refund=refund)
    assert (entry.kind, entry.points, entry.balance_after) == ("clawback", -34, 34)
    assert (entry.at, entry.business_date) == (NOON, date(2025, 3, 14))
    assert entry.breakdown == {
        "earned": 101,
        "paid": "100.00",
        "refunded": "66.66",
        "already": 33,
    }


def test_later_rules_do_not_matter() -> None:
    kind = plain_programme()
    purchase = buy(MemberFactory.create())
    kind.rules.update(points=7)
    give_back("50.00", purchase=purchase)
    assert clawbacks() == [(-50, 0)]


@pytest.mark.parametrize(
    ("amount", "taken"),
    [
        ("0.00", []),
        ("0.99", []),
        ("1.00", [(-1, 0)]),
        ("99.99", [(-99, 0)]),
        ("100.00", [(-100, 0)]),
    ],
)
def test_takes_whole_points_only(amount: str, taken: list[tuple[int, int]]) -> None:
    plain_programme()
    give_back(amount, purchase=buy(MemberFactory.create()))
    assert clawbacks() == taken
    assert account() == (100 + sum(points for points, _debt in taken), 0)


def four_lots(member: Member) -> Purchase:
    """100 points each: live until May, live until March, another pending, the purchase's own."""
    earn_points(member=member, points=100, key="may", now=NOON - timedelta(days=20))
    kind = PointsAccount.objects.get().point_type
    kind.expiry = "30D"
    kind.save(update_fields=["expiry"])
    earn_points(member=member, points=100, key="march", now=NOON - timedelta(days=19))
    earn_points(member=member, points=100, key="pending", now=NOON - timedelta(days=1))
    return buy(member)


def test_takes_the_purchases_own_lot_first() -> None:
    plain_programme(expiry="60D", holding="7D")
    purchase = four_lots(MemberFactory.create())
    give_back("40.00", purchase=purchase)
    assert remaining() == [100, 100, 100, 60]


@pytest.mark.parametrize(
    ("amount", "left", "debt"),
    [
        ("100.00", [100, 100, 0, 100], 0),
        ("150.00", [100, 100, 0, 50], 0),
        ("200.00", [100, 100, 0, 0], 0),
        ("250.00", [100, 50, 0, 0], 0),
        ("350.00", [50, 0, 0, 0], 0),
        ("400.00", [0, 0, 0, 0], 0),
        ("401.00", [0, 0, 0, 0], 1),
    ],
)
def test_then_takes_pending_then_live_soonest_expiring(
    amount: str, left: list[int], debt: int
) -> None:
    plain_programme(expiry="60D", holding="7D")
    member = MemberFactory.create()
    four_lots(member)
    give_back(amount, member=member)
    assert remaining() == left
    assert account() == (sum(left), debt)


def test_passes_from_its_own_lot_to_others() -> None:
    """What another refund took from the purchase's lot is taken elsewhere."""
    plain_programme(expiry="60D", holding="7D")
    member = MemberFactory.create()
    purchase = four_lots(member)
    give_back("150.00", member=member)
    give_back("100.00", purchase=purchase)
    assert remaining() == [100, 50, 0, 0]


def test_leaves_expired_lots_alone() -> None:
    """Points whose time is over are the night's: what is missing becomes debt."""
    plain_programme(expiry="30D")
    member = MemberFactory.create()
    purchase = buy(member, at=local(2025, 2, 11, 12), now=local(2025, 2, 11, 12))
    give_back("100.00", purchase=purchase)
    assert remaining() == [100]
    assert clawbacks() == [(-100, 100)]
    assert account() == (100, 100)


@pytest.mark.parametrize(
    ("spent", "left", "debt"), [(0, 100, 0), (99, 1, 0), (100, 0, 0), (101, 0, 1), (200, 0, 100)]
)
def test_what_is_missing_becomes_debt(spent: int, left: int, debt: int) -> None:
    plain_programme()
    member = MemberFactory.create()
    purchase = buy(member)
    buy(member)
    if spent:
        redeem_points(member=member, points=spent, key="spend")
    give_back("100.00", purchase=purchase)
    assert clawbacks() == [(-100, debt)]
    assert account() == (left, debt)
    assert not UncollectedPoints.objects.exists()


@pytest.mark.parametrize(
    ("spent", "taken", "uncollected"),
    [(0, [(-100, 0)], []), (1, [(-99, 0)], [1]), (99, [(-1, 0)], [99]), (100, [], [100])],
)
def test_what_is_missing_is_forgiven_by_policy(
    spent: int, taken: list[tuple[int, int]], uncollected: list[int]
) -> None:
    plain_programme(clawback="forgive")
    member = MemberFactory.create()
    purchase = buy(member)
    if spent:
        redeem_points(member=member, points=spent, key="spend")
    give_back("100.00", purchase=purchase)
    assert clawbacks() == taken
    assert list(UncollectedPoints.objects.values_list("points", flat=True)) == uncollected
    assert account() == (0, 0)


@pytest.mark.parametrize("policy", ["debt", "forgive"])
def test_owed_and_forgiven_points_are_not_asked_for_again(policy: str) -> None:
    """Taken, owed and uncollected together reach what was earned, and no more."""
    plain_programme(points=101, per_amount="100.00", clawback=policy)
    member = MemberFactory.create()
    purchase = buy(member)
    redeem_points(member=member, points=80, key="spend")
    for amount in ("33.33", "33.33", "33.34"):
        give_back(amount, purchase=purchase)
    taken = {"debt": [(-33, 12), (-34, 34), (-34, 34)], "forgive": [(-21, 0)]}
    assert clawbacks() == taken[policy]
    forgiven = UncollectedPoints.objects.order_by("id").values_list("points", flat=True)
    assert list(forgiven) == {"debt": [], "forgive": [12, 34, 34]}[policy]
    assert account() == {"debt": (0, 80), "forgive": (0, 0)}[policy]


def test_growth_goes_down_with_it_below_zero() -> None:
    full_programme()
    member = MemberFactory.create()
    give_back("30.00", purchase=buy(member))
    assert clawbacks("growth") == [(-30, 0)]
    give_back("80.00", member=member)
    assert clawbacks("growth") == [(-30, 0), (-80, 0)]
    growth = PointsAccount.objects.get(point_type__code="growth")
    assert (growth.balance, growth.debt) == (-10, 0)


def test_kind_that_the_purchase_did_not_earn_is_left_alone() -> None:
    base, growth = full_programme()
    growth.rules.update(is_current=False)
    purchase = buy(MemberFactory.create())
    growth.rules.update(is_current=True)
    give_back("100.00", purchase=purchase)
    assert list(PointsAccount.objects.values_list("point_type", flat=True)) == [base.pk]


def test_without_a_purchase_takes_what_the_rules_give() -> None:
    plain_programme(points=101, per_amount="100.00")
    member = MemberFactory.create()
    buy(member)
    refund = give_back("33.33", member=member)
    entry = PointsEntry.objects.get(refund=refund)
    assert (entry.points, entry.purchase) == (-33, None)
    assert entry.breakdown["rules"][0]["gives"] == "33.6633"


def test_without_a_purchase_and_points_makes_debt() -> None:
    plain_programme()
    give_back("12.50", member=MemberFactory.create())
    assert clawbacks() == [(-12, 12)]
    assert account() == (0, 12)


def test_guests_refund_takes_nothing() -> None:
    plain_programme()
    give_back("12.50")
    give_back("100.00", purchase=buy(None))
    assert Refund.objects.count() == 2
    assert not PointsAccount.objects.exists()


def test_refund_of_nothing_is_kept() -> None:
    plain_programme()
    purchase = buy(MemberFactory.create(), "0.00")
    give_back("0.00", purchase=purchase)
    assert Refund.objects.get().purchase == purchase
    assert not PointsEntry.objects.exists()


def test_refund_belongs_to_the_member_of_its_purchase() -> None:
    plain_programme()
    member = MemberFactory.create()
    refund = give_back("1.00", purchase=buy(member), member=member)
    assert refund.member == member
    assert give_back("1.00", purchase=buy(member)).member == member


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [("0.00", "100.01", "100.00"), ("99.99", "0.02", "0.01"), ("100.00", "0.01", "0.00")],
)
def test_refuses_more_than_is_left_of_the_purchase(first: str, second: str, left: str) -> None:
    plain_programme()
    purchase = buy(MemberFactory.create())
    give_back(first, purchase=purchase)
    before = (account(), clawbacks(), remaining(), Refund.objects.count())
    with pytest.raises(RefundExceedsPurchase) as refusal:
        give_back(second, purchase=purchase)
    assert refusal.value.details == {"left": Decimal(left), "asked": Decimal(second)}
    assert (account(), clawbacks(), remaining(), Refund.objects.count()) == before


def test_last_cent_may_be_refunded() -> None:
    plain_programme()
    purchase = buy(MemberFactory.create())
    give_back("99.99", purchase=purchase)
    give_back("0.01", purchase=purchase)
    assert clawbacks() == [(-99, 0), (-1, 0)]


@pytest.mark.parametrize("is_guest", [False, True])
def test_refuses_another_members_purchase(is_guest: bool) -> None:
    plain_programme()
    purchase = buy(None if is_guest else MemberFactory.create())
    with pytest.raises(RefundOfAnotherMember):
        give_back("1.00", purchase=purchase, member=MemberFactory.create())
    assert not Refund.objects.exists()
    assert clawbacks() == []


def lines_of(*amounts: str) -> list[Line]:
    return [Line("A", Decimal(1), Decimal(amount), Decimal(amount)) for amount in amounts]


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"amount": "-0.01"}, AmountNegative),
        ({"at": NOON + timedelta(minutes=10, seconds=1)}, HappensInFuture),
        ({"lines": lines_of("60.00", "39.99")}, LinesDoNotAddUp),
    ],
)
def test_refuses_what_cannot_be(facts: dict[str, Any], refusal: type[Exception]) -> None:
    plain_programme()
    purchase = buy(MemberFactory.create())
    with pytest.raises(refusal):
        give_back(**{"amount": "100.00", "purchase": purchase, **facts})
    assert not Refund.objects.exists()
    assert account() == (100, 0)


def test_keeps_lines() -> None:
    plain_programme()
    give_back("100.00", purchase=buy(MemberFactory.create()), lines=lines_of("60.00", "40.00"))
    kept = RefundLine.objects.order_by("number").values_list("number", "amount")
    assert list(kept) == [(1, Decimal("60.00")), (2, Decimal("40.00"))]


def test_same_again_gives_the_first_back() -> None:
    plain_programme()
    purchase = buy(MemberFactory.create())
    first = give_back("60.00", purchase=purchase, external_id="C-1")
    again = give_back("60.00", purchase=purchase, external_id="C-1", now=NOON + timedelta(days=400))
    assert again == first
    assert clawbacks() == [(-60, 0)]
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [{"amount": "60.01"}, {"at": NOON - timedelta(seconds=1)}, {"purchase": None}],
)
def test_refuses_other_contents_for_a_known_number(other: dict[str, Any]) -> None:
    plain_programme()
    purchase = buy(MemberFactory.create())
    first: dict[str, Any] = {"amount": "60.00", "purchase": purchase, "external_id": "C-1"}
    give_back(**first)
    with pytest.raises(RefundConflict) as refusal:
        give_back(**{**first, **other})
    assert str(refusal.value) == "Refund C-1 is already recorded with other contents."
    assert clawbacks() == [(-60, 0)]


def test_refuses_another_member_for_a_known_number() -> None:
    plain_programme()
    purchase = buy(MemberFactory.create())
    give_back("60.00", purchase=purchase, external_id="C-1")
    with pytest.raises(RefundOfAnotherMember):
        give_back("60.00", purchase=purchase, member=MemberFactory.create(), external_id="C-1")
    assert clawbacks() == [(-60, 0)]


def test_lowers_no_tier_but_asks_the_next_night_to_look() -> None:
    plain_programme()
    member = MemberFactory.create()
    purchase = buy(member, "600.00", at=NOON - timedelta(days=1))
    give_back("600.00", purchase=purchase, at=NOON - timedelta(seconds=1))
    standing = Standing.objects.get(member=member)
    assert (standing.tier.code, standing.has_late_fact) == ("silver", True)


@pytest.mark.parametrize("spent", [0, 600])
def test_holds_the_lock_for_few_round_trips(spent: int) -> None:
    """Two kinds of points, taken from lots or owed, and a fact that the last review missed."""
    full_programme(holding="0D")
    member = MemberFactory.create()
    purchase = buy(member, "600.00", at=NOON - timedelta(days=1))
    if spent:
        redeem_points(member=member, points=spent, key="spend")
    at = NOON - timedelta(seconds=1)
    statements = under_the_lock(lambda: give_back("60.00", purchase=purchase, at=at))
    assert len(statements) <= MOST_UNDER_A_LOCK, "\n".join(statements)
