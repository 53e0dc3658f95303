"""Correcting a balance by hand: an operator, a reason, a key."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from loyalty.errors import (
    AdjustmentOfNothing,
    InsufficientPoints,
    KeyReused,
    ReasonMissing,
)
from loyalty.models import PointsAccount, PointsEntry, PointsLot, PointType
from loyalty.services.adjustments import adjust_points
from loyalty.services.points import earn_points
from loyalty.services.purchases import record_refund
from members.models import Member
from tests.factories import MemberFactory, OperatorFactory

from .programmes import base_points, growth_points, local, plain_programme
from .roundtrips import MOST_UNDER_A_LOCK, under_the_lock

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 3, 14, 4, 0, tzinfo=UTC)


def adjust(member: Member, points: int, key: str = "fix", reason: str = "Kindness") -> PointsEntry:
    return adjust_points(member=member, points=points, key=key, reason=reason, now=NOON)


def remaining() -> list[int]:
    return list(PointsLot.objects.order_by("id").values_list("remaining", flat=True))


def test_credit_is_spendable_at_once() -> None:
    """A correction is not held like a purchase, and expires like one."""
    base_points(holding="7D", expiry="12M")
    operator = OperatorFactory.create()
    entry = adjust_points(
        member=MemberFactory.create(),
        points=40,
        key="fix",
        reason="Kindness",
        operator=operator,
        now=NOON,
    )
    assert (entry.kind, entry.points, entry.balance_after) == ("adjust", 40, 40)
    assert (entry.operator, entry.note.text) == (operator, "Kindness")
    assert (entry.lot.available_at, entry.lot.expires_at) == (NOON, local(2026, 3, 15))


@pytest.mark.parametrize(("credit", "left", "debt"), [(29, [], 1), (30, [], 0), (31, [1], 0)])
def test_credit_pays_debt_first(credit: int, left: list[int], debt: int) -> None:
    plain_programme()
    member = MemberFactory.create()
    record_refund(source="t", external_id="C", at=NOON, amount=Decimal(30), member=member, now=NOON)
    entry = adjust(member, credit)
    assert (entry.debt_change, entry.debt_after) == (debt - 30, debt)
    assert remaining() == left


def three_lots(member: Member) -> None:
    """10 points each: live for 60 days, live for 30 days, pending."""
    for expiry, holding in (("60D", "0D"), ("30D", "0D"), ("20D", "7D")):
        PointType.objects.update(expiry=expiry, holding=holding)
        earn_points(member=member, points=10, key=f"{expiry}", now=NOON)


@pytest.mark.parametrize(
    ("points", "left"),
    [
        (-1, [10, 9, 10]),
        (-10, [10, 0, 10]),
        (-15, [5, 0, 10]),
        (-20, [0, 0, 10]),
        (-21, [0, 0, 9]),
        (-30, [0, 0, 0]),
    ],
)
def test_debit_takes_live_soonest_expiring_then_pending(points: int, left: list[int]) -> None:
    base_points()
    member = MemberFactory.create()
    three_lots(member)
    entry = adjust(member, points)
    assert remaining() == left
    assert (entry.points, entry.debt_change, entry.balance_after) == (points, 0, 30 + points)


def test_debit_never_makes_debt() -> None:
    base_points()
    member = MemberFactory.create()
    three_lots(member)
    with pytest.raises(InsufficientPoints) as refusal:
        adjust(member, -31)
    assert refusal.value.details == {"spendable": 30, "asked": 31}
    assert remaining() == [10, 10, 10]
    assert PointsAccount.objects.get().entry_count == 3


def test_debit_leaves_expired_points_to_the_night() -> None:
    base_points(expiry="30D")
    member = MemberFactory.create()
    earn_points(member=member, points=10, key="old", now=NOON - timedelta(days=31))
    with pytest.raises(InsufficientPoints):
        adjust(member, -1)
    assert remaining() == [10]


@pytest.mark.parametrize("points", [5, -5])
def test_kind_that_is_not_spent_may_go_below_zero(points: int) -> None:
    growth = growth_points()
    member = MemberFactory.create()
    adjust_points(
        member=member, points=points, key="fix", reason="Why", point_type=growth, now=NOON
    )
    account = PointsAccount.objects.get()
    assert (account.balance, account.debt, account.entry_count) == (points, 0, 1)
    assert not PointsLot.objects.exists()


def test_refuses_an_adjustment_of_nothing() -> None:
    base_points()
    with pytest.raises(AdjustmentOfNothing):
        adjust(MemberFactory.create(), 0)
    assert not PointsAccount.objects.exists()


@pytest.mark.parametrize("reason", ["", "  ", "\n\t", "\u3000"])
def test_refuses_without_a_reason(reason: str) -> None:
    base_points()
    with pytest.raises(ReasonMissing):
        adjust(MemberFactory.create(), 5, reason=reason)
    assert not PointsAccount.objects.exists()


@pytest.mark.parametrize("points", [10, -10])
def test_same_key_gives_the_first_entry_back(points: int) -> None:
    base_points()
    member = MemberFactory.create()
    adjust(member, 10, key="start")
    first = adjust(member, points)
    assert adjust(member, points) == first
    assert PointsAccount.objects.get().balance == 10 + points
    assert PointsEntry.objects.count() == 2


def test_refuses_a_key_with_the_other_sign() -> None:
    base_points()
    member = MemberFactory.create()
    adjust(member, 10)
    with pytest.raises(KeyReused):
        adjust(member, -10)
    assert remaining() == [10]


def test_refuses_a_key_of_another_use() -> None:
    base_points()
    member = MemberFactory.create()
    earn_points(member=member, points=10, key="fix", now=NOON)
    with pytest.raises(KeyReused):
        adjust(member, 10)
    assert remaining() == [10]


@pytest.mark.parametrize("points", [5, -25])
def test_holds_the_lock_for_few_round_trips(points: int) -> None:
    base_points()
    member = MemberFactory.create()
    three_lots(member)
    statements = under_the_lock(lambda: adjust(member, points))
    assert len(statements) <= MOST_UNDER_A_LOCK, "\n".join(statements)
