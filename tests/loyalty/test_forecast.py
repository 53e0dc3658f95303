"""What expires month by month, and what outstanding points would cost."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty.forecast import (
    ExpiringMonth,
    Liability,
    expiring_by_month,
    liability,
    programme_expiring_by_month,
    worth,
)
from loyalty.models import PointsMoney, PointType, Standing, Tier
from loyalty.services.overrides import grant_override
from loyalty.services.points import earn_points, redeem_points
from loyalty.services.purchases import record_refund
from members.models import Member

from .ledgers import account_of, new_member
from .payments import holder
from .programmes import base_points, growth_points, local, plain_programme

pytestmark = pytest.mark.django_db

NOON = local(2025, 3, 14, 12)


def earn(member: Member, points: int, expiry: str, at: datetime = NOON) -> None:
    PointType.objects.filter(code="base").update(expiry=expiry)
    earn_points(member=member, points=points, key=f"{expiry}:{points}:{at}", now=at)


def three_months(member: Member) -> None:
    """Valid through 31 March (two lots), 1 April, 28 February, and for ever."""
    earn(member, 10, "1D/month")
    earn(member, 20, "17D")
    earn(member, 40, "18D")
    earn(member, 80, "@02-28")
    earn(member, 160, "never")


MONTHS = [
    ExpiringMonth(date(2025, 3, 1), 30, 2),
    ExpiringMonth(date(2025, 4, 1), 40, 1),
    ExpiringMonth(date(2026, 2, 1), 80, 1),
    ExpiringMonth(None, 160, 1),
]


def test_counts_points_in_the_month_of_their_last_valid_day() -> None:
    base_points()
    member = new_member()
    three_months(member)
    assert expiring_by_month(account_of(member), NOON) == MONTHS


@pytest.mark.parametrize(("hour", "months"), [(local(2025, 4, 1), 3), (NOON, 4)])
def test_leaves_out_what_has_expired(hour: datetime, months: int) -> None:
    base_points()
    member = new_member()
    three_months(member)
    assert len(expiring_by_month(account_of(member), hour)) == months


def test_leaves_out_what_was_spent() -> None:
    base_points()
    member = new_member()
    three_months(member)
    redeem_points(member=member, points=45, key="r", now=NOON)
    assert expiring_by_month(account_of(member), NOON)[0] == ExpiringMonth(date(2025, 4, 1), 25, 1)


@pytest.mark.parametrize("members", [1, 10])
def test_adds_everybody_up_in_one_query(members: int) -> None:
    base_points()
    for _ in range(members):
        three_months(new_member())
    with CaptureQueriesContext(connection) as captured:
        months = programme_expiring_by_month(NOON)
    assert len(captured) == 1
    assert [month.points for month in months] == [points * members for points in (30, 40, 80, 160)]
    assert [month.lots for month in months] == [2 * members, members, members, members]


def test_liability_is_what_is_spendable_and_pending_in_money() -> None:
    """Only base points; expired ones cost nothing, and debt is told beside."""
    plain_programme(holding="7D")
    growth = growth_points()
    member, debtor = new_member(), new_member()
    earn(member, 1000, "never", local(2025, 1, 1))
    earn(member, 55, "30D", local(2025, 1, 1))
    earn(member, 234, "never")
    earn_points(member=member, points=999, key="g", point_type=growth, now=NOON)
    record_refund(source="t", external_id="C", at=NOON, amount=Decimal(30), member=debtor, now=NOON)
    with CaptureQueriesContext(connection) as captured:
        owed = liability(NOON)
    assert owed == Liability(spendable=1000, pending=234, debt=30, amount=Decimal("12.34"))
    assert (owed.points, len(captured)) == (1234, 5)


def test_nothing_costs_nothing() -> None:
    assert liability(NOON) == Liability(spendable=0, pending=0, debt=0, amount=Decimal("0.00"))
    assert programme_expiring_by_month(NOON) == []


@pytest.mark.parametrize(
    ("points", "rate", "amount"),
    [
        (100, 100, "1.00"),
        (12_500, 100, "125.00"),
        (1, 200, "0.01"),
        (1, 201, "0.00"),
        (7, 1, "7.00"),
    ],
)
def test_points_are_worth_their_rate_half_up(
    points: int, rate: int, amount: str, settings: Any
) -> None:
    settings.POINTS_PER_MONEY = rate
    assert worth(points) == Decimal(amount)


def test_a_rate_of_nothing_is_refused(settings: Any) -> None:
    settings.POINTS_PER_MONEY = 0
    with pytest.raises(ImproperlyConfigured, match="POINTS_PER_MONEY is 0"):
        worth(100)


def test_points_are_worth_what_operators_have_set(settings: Any) -> None:
    """The setting is for a fresh programme only."""
    PointsMoney.objects.create(points_per_money=50)
    settings.POINTS_PER_MONEY = 100
    assert worth(100) == Decimal("2.00")


def test_counts_the_points_of_each_tier_at_its_own_rate() -> None:
    """1,000 points of gold at 50 are 20.00; 1,000 of members at the programme's 100 are 10.00, and
    so are those of someone without a standing, whose tier is the lowest."""
    plain_programme()
    gold, lowest = Tier.objects.get(code="gold"), Tier.objects.get(code="member")
    Tier.objects.filter(pk=gold.pk).update(points_per_money=50)
    for tier in (gold, lowest, None):
        member = holder(1_000, at=NOON)
        if tier:
            Standing.objects.create(member=member, tier=tier, since=NOON, reviewed_at=NOON)
    assert liability(NOON).amount == Decimal("40.00")
    Tier.objects.filter(pk=lowest.pk).update(points_per_money=200)
    assert liability(NOON).amount == Decimal("30.00")


def test_counts_the_points_of_a_lifted_member_at_the_rate_of_the_tier_that_holds() -> None:
    """1,000 points at 100 are 10.00; while gold holds at 50, by name or by steps, 20.00."""
    plain_programme()
    gold = Tier.objects.get(code="gold")
    Tier.objects.filter(pk=gold.pk).update(points_per_money=50)
    holder(1_000, at=NOON)
    until = NOON + timedelta(days=1)
    words = {"kind": "trial", "reason": "Try gold", "ends_at": until, "now": NOON}
    grant_override(member=holder(1_000, at=NOON), tier=gold, key="a", **words)
    grant_override(member=holder(1_000, at=NOON), steps=2, key="b", **words)
    grant_override(member=holder(1_000, at=NOON), steps=1, key="c", **words)
    assert liability(NOON).amount == Decimal("60.00")
    assert liability(until).amount == Decimal("40.00")


def test_rounds_the_sum_once() -> None:
    plain_programme()
    PointsMoney.objects.create(points_per_money=300)
    for _ in range(3):
        holder(1, at=NOON)
    assert liability(NOON).amount == Decimal("0.01")
