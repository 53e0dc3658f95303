"""Giving points by key: once, by the terms of their kind, debt first."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import Settings

from loyalty.errors import KeyReused, PointsNotPositive
from loyalty.models import EntryNote, PointsAccount, PointsEntry, PointsLot
from loyalty.services.adjustments import adjust_points
from loyalty.services.points import earn_points
from loyalty.services.purchases import record_refund
from tests.factories import MemberFactory

from .programmes import base_points, growth_points, local, plain_programme
from .roundtrips import MOST_UNDER_A_LOCK, under_the_lock

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 3, 14, 4, 0, tzinfo=UTC)


def test_gives_points_for_a_reason() -> None:
    base_points()
    member = MemberFactory.create()
    entry = earn_points(member=member, points=50, key="review:7", reason="A review", now=NOON)
    assert (entry.kind, entry.number, entry.points, entry.balance_after) == ("earn", 1, 50, 50)
    assert (entry.at, entry.business_date) == (NOON, date(2025, 3, 14))
    assert EntryNote.objects.get(entry=entry).text == "A review"
    account = PointsAccount.objects.get(member=member)
    assert (account.balance, account.debt, account.entry_count) == (50, 0, 1)


def test_needs_no_reason() -> None:
    base_points()
    earn_points(member=MemberFactory.create(), points=1, key="k", now=NOON)
    assert not EntryNote.objects.exists()


def test_kind_that_is_not_spent_has_no_lot() -> None:
    growth = growth_points()
    member = MemberFactory.create()
    earn_points(member=member, points=5, key="k", point_type=growth, now=NOON)
    earn_points(member=member, points=7, key="l", point_type=growth, now=NOON)
    account = PointsAccount.objects.get(member=member)
    assert (account.point_type, account.balance, account.is_spendable) == (growth, 12, False)
    assert not PointsLot.objects.exists()


@pytest.mark.parametrize(
    ("holding", "expiry", "at", "spendable", "expires"),
    [
        ("0D", "never", (2025, 3, 14, 12), None, None),
        ("7D", "never", (2025, 3, 14, 12), (2025, 3, 22), None),
        ("7D", "12M", (2025, 3, 14, 23, 59), (2025, 3, 22), (2026, 3, 15)),
        ("7D", "12M", (2025, 3, 15, 0, 0), (2025, 3, 23), (2026, 3, 16)),
        ("1D", "1M", (2024, 1, 31, 12), (2024, 2, 2), (2024, 3, 1)),
        ("1D", "1M", (2025, 1, 31, 12), (2025, 2, 2), (2025, 3, 1)),
        ("1M", "12M", (2024, 2, 29, 12), (2024, 3, 30), (2025, 3, 1)),
        ("0D", "12M/month", (2025, 3, 15, 12), None, (2026, 4, 1)),
        ("0D", "7W", (2025, 3, 15, 12), None, (2025, 5, 4)),
        ("0D", "3M/quarter", (2025, 3, 31, 12), None, (2025, 7, 1)),
        ("0D", "3M/quarter", (2025, 4, 1, 12), None, (2025, 10, 1)),
        ("0D", "1Y/year", (2025, 3, 15, 12), None, (2027, 1, 1)),
        ("0D", "12M/year", (2025, 3, 15, 12), None, (2027, 1, 1)),
        ("0D", "inactive 12M", (2025, 3, 15, 12), None, (2026, 3, 16)),
        ("0D", "inactive 12M/month", (2025, 3, 15, 12), None, (2026, 4, 1)),
        ("0D", "anniversary>30D", (2025, 1, 29, 12), None, (2025, 3, 1)),
        ("0D", "anniversary>30D", (2025, 1, 30, 12), None, (2026, 3, 1)),
        ("0D", "@12-31", (2025, 12, 31, 23, 59), None, (2026, 1, 1)),
        ("0D", "@12-31>30D", (2025, 12, 2, 12), None, (2027, 1, 1)),
        ("0D", "@12-31>30D", (2025, 12, 1, 12), None, (2026, 1, 1)),
        ("0D", "anniversary", (2025, 1, 10, 12), None, (2025, 3, 1)),
        ("0D", "anniversary", (2025, 3, 1, 12), None, (2026, 3, 1)),
    ],
)
def test_lot_has_the_terms_of_its_kind(
    holding: str,
    expiry: str,
    at: tuple[int, ...],
    spendable: tuple[int, ...] | None,
    expires: tuple[int, ...] | None,
) -> None:
    base_points(holding=holding, expiry=expiry)
    member = MemberFactory.create(joined_at=local(2024, 2, 29, 12))
    now = local(*at)
    earn_points(member=member, points=10, key="k", now=now)
    lot = PointsLot.objects.get()
    assert lot.available_at == (local(*spendable) if spendable else now)
    assert lot.expires_at == (local(*expires) if expires else None)
    assert (lot.expiry, lot.activated_on is None) == (expiry, spendable is not None)


@pytest.mark.parametrize(
    ("zone", "earned", "spendable"),
    [
        # The holding period crosses the night on which the clocks go forward, and back.
        ("Europe/London", (2025, 3, 28, 12), datetime(2025, 3, 30, 0, 0, tzinfo=UTC)),
        ("Europe/London", (2025, 3, 29, 12), datetime(2025, 3, 30, 23, 0, tzinfo=UTC)),
        ("Europe/London", (2025, 10, 24, 12), datetime(2025, 10, 25, 23, 0, tzinfo=UTC)),
        ("Europe/London", (2025, 10, 25, 12), datetime(2025, 10, 27, 0, 0, tzinfo=UTC)),
        ("Asia/Shanghai", (2025, 3, 29, 12), datetime(2025, 3, 30, 16, 0, tzinfo=UTC)),
    ],
)
def test_holding_ends_at_midnight_whatever_the_clocks_do(
    settings: Settings, zone: str, earned: tuple[int, ...], spendable: datetime
) -> None:
    settings.PROGRAMME_TIMEZONE = zone
    base_points(holding="1D")
    earn_points(member=MemberFactory.create(), points=10, key="k", now=local(*earned))
    assert PointsLot.objects.get().available_at == spendable


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_spendable_from_the_first_instant_to_the_last(seconds: int) -> None:
    base_points(holding="7D", expiry="1M")
    member = MemberFactory.create()
    earn_points(member=member, points=10, key="k", now=NOON)
    lots = PointsLot.objects.for_member(member)
    opens = local(2025, 3, 22) + timedelta(seconds=seconds)
    ends = local(2025, 4, 15) + timedelta(seconds=seconds)
    assert lots.spendable(opens).points_left() == (0 if seconds < 0 else 10)
    assert lots.pending(opens).points_left() == (10 if seconds < 0 else 0)
    assert lots.spendable(ends).points_left() == (10 if seconds < 0 else 0)


@pytest.mark.parametrize(
    ("points", "debt_change", "debt", "lots"),
    [(29, -29, 1, []), (30, -30, 0, []), (31, -30, 0, [1])],
)
def test_pays_debt_first(points: int, debt_change: int, debt: int, lots: list[int]) -> None:
    plain_programme(holding="7D")
    member = MemberFactory.create()
    record_refund(source="t", external_id="C", at=NOON, amount=Decimal(30), member=member, now=NOON)
    entry = earn_points(member=member, points=points, key="k", now=NOON)
    assert (entry.points, entry.debt_change, entry.debt_after) == (points, debt_change, debt)
    assert list(PointsLot.objects.values_list("points", flat=True)) == lots
    account = PointsAccount.objects.get()
    assert (account.balance, account.debt) == (sum(lots), debt)


def test_same_key_gives_the_first_entry_back() -> None:
    base_points()
    member = MemberFactory.create()
    first = earn_points(member=member, points=50, key="k", now=NOON)
    again = earn_points(member=member, points=50, key="k", now=NOON + timedelta(days=9))
    assert again == first
    assert (PointsEntry.objects.count(), PointsLot.objects.points_left()) == (1, 50)


def test_key_counts_per_member_and_kind() -> None:
    base_points()
    growth = growth_points()
    anna, berta = MemberFactory.create(), MemberFactory.create()
    for member in (anna, berta):
        earn_points(member=member, points=50, key="k", now=NOON)
        earn_points(member=member, points=50, key="k", point_type=growth, now=NOON)
    assert PointsEntry.objects.count() == 4


def test_refuses_a_key_with_other_points() -> None:
    base_points()
    member = MemberFactory.create()
    earn_points(member=member, points=50, key="k", now=NOON)
    with pytest.raises(KeyReused):
        earn_points(member=member, points=51, key="k", now=NOON)
    assert PointsAccount.objects.get().balance == 50


def test_refuses_a_key_of_another_use() -> None:
    base_points()
    member = MemberFactory.create()
    adjust_points(member=member, points=50, key="k", reason="A gift", now=NOON)
    with pytest.raises(KeyReused):
        earn_points(member=member, points=50, key="k", now=NOON)
    assert PointsAccount.objects.get().balance == 50


@pytest.mark.parametrize("points", [0, -1])
def test_refuses_what_is_not_positive(points: int) -> None:
    base_points()
    with pytest.raises(PointsNotPositive):
        earn_points(member=MemberFactory.create(), points=points, key="k", now=NOON)
    assert not PointsAccount.objects.exists()


def test_holds_the_lock_for_few_round_trips() -> None:
    base_points()
    member = MemberFactory.create()
    statements = under_the_lock(
        lambda: earn_points(member=member, points=1, key="k", reason="Why", now=NOON)
    )
    assert len(statements) <= MOST_UNDER_A_LOCK, "\n".join(statements)
