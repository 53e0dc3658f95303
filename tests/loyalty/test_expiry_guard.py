"""What is far above what was foreseen, and nights that take no more than that."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from common import clock
from common.jobs.nights import NightReport, run_nights
from common.models import GuardCheck, JobRun
from loyalty import rules
from loyalty.guards import expiry_volume
from loyalty.jobs import FORECAST_DAYS, forecast_expiry
from loyalty.models import ExpiryEvidence, ExpiryForecast, PointsEntry, PointsLot
from loyalty.services.expiry import waive_notice
from loyalty.services.points import earn_points
from members.models import Member
from tests.factories import MemberFactory, OperatorFactory

from .programmes import base_points, local
from .tampering import broken, overwrite

pytestmark = pytest.mark.django_db

NIGHT = date(2025, 6, 1)
LAST_DAY = NIGHT - timedelta(days=1)


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(local(2025, 4, 1, 12), tick=False) as traveller:
        yield traveller


@pytest.fixture
def member(traveller: time_machine.Traveller) -> Member:
    base_points(expiry="never")
    return MemberFactory.create(joined_at=local(2024, 1, 1))


def earn(member: Member, points: int, last_day: date = LAST_DAY) -> PointsLot:
    key = f"e{PointsEntry.objects.count()}"
    lot = earn_points(member=member, points=points, key=key).lot
    overwrite(lot, expires_at=clock.start_of(last_day + timedelta(days=1)))
    return PointsLot.objects.get(pk=lot.pk)


def told(lot: PointsLot, waiver: str = "first_night") -> None:
    """Evidence of an earlier night for the end that the lot has now."""
    assert lot.expires_at is not None
    ExpiryEvidence.objects.create(
        lot=lot, expires_at=lot.expires_at, business_date=date(2025, 5, 2), waiver=waiver
    )


def foreseen(
    points: int,
    made_on: date = NIGHT - timedelta(days=10),
    recorded_at: datetime | None = None,
) -> None:
    ExpiryForecast.objects.create(
        made_on=made_on,
        expires_on=NIGHT,
        points=points,
        lots=1,
        recorded_at=recorded_at or clock.start_of(made_on) + timedelta(hours=2),
    )


def night(traveller: time_machine.Traveller, day: date) -> NightReport:
    traveller.move_to(clock.start_of(day) + timedelta(hours=2))
    return run_nights(day)


# The rule


@pytest.mark.parametrize(
    ("due", "forecast", "is_beyond"),
    [
        (999, 0, False),
        (1_000, 0, False),
        (1_001, 0, True),
        (1_001, 834, True),
        (1_001, 835, False),
        (11_999, 10_000, False),
        (12_000, 10_000, False),
        (12_001, 10_000, True),
        (10**9, None, False),
    ],
)
def test_is_beyond_over_a_fifth_more_and_over_a_thousand(
    due: int, forecast: int | None, is_beyond: bool
) -> None:
    assert rules.is_beyond_forecast(due, forecast) is is_beyond


# What was foreseen


def sums(made_on: date) -> dict[date, tuple[int, int]]:
    rows = ExpiryForecast.objects.filter(made_on=made_on, lots__gt=0)
    return {row.expires_on: (row.points, row.lots) for row in rows}


def test_foresees_what_each_of_the_next_nights_takes(member: Member) -> None:
    today = date(2025, 5, 1)
    for points, ends in ((5, 0), (10, 1), (20, 1), (40, FORECAST_DAYS), (80, FORECAST_DAYS + 1)):
        earn(member, points, today + timedelta(days=ends - 1))
    assert forecast_expiry(today, 0, 0) == {"lots": 3, "points": 70}
    assert sums(today) == {date(2025, 5, 2): (30, 2), date(2025, 6, 10): (40, 1)}
    assert ExpiryForecast.objects.filter(made_on=today).count() == FORECAST_DAYS


@pytest.mark.parametrize(("offset", "on"), [(-1, NIGHT), (0, NIGHT), (1, date(2025, 6, 2))])
def test_an_end_belongs_to_the_night_whose_cutoff_reaches_it(
    member: Member, offset: int, on: date
) -> None:
    lot = earn(member, 10)
    overwrite(lot, expires_at=clock.cutoff(NIGHT) + timedelta(microseconds=offset))
    forecast_expiry(date(2025, 5, 20), 0, 0)
    assert sums(date(2025, 5, 20)) == {on: (10, 1)}


def test_foresees_once_for_a_night(member: Member) -> None:
    earn(member, 10)
    forecast_expiry(date(2025, 5, 20), 0, 0)
    earn(member, 5)
    forecast_expiry(date(2025, 5, 20), 0, 0)
    assert sums(date(2025, 5, 20)) == {NIGHT: (10, 1)}


@pytest.mark.parametrize(
    ("ages", "counts"),
    [((1,), 1), ((1, 6), 6), ((1, 7), 7), ((1, 7, 9), 7), ((8, 30), 8), ((), None)],
)
def test_goes_by_a_forecast_of_a_week_before(ages: tuple[int, ...], counts: int | None) -> None:
    for age in ages:
        foreseen(age, NIGHT - timedelta(days=age))
    verdict = expiry_volume(NIGHT)
    assert verdict.figures["forecast"] == counts
    made_on = (NIGHT - timedelta(days=counts)).isoformat() if counts else None
    assert verdict.figures["forecast_of"] == made_on


def test_goes_by_what_was_looked_at_then_not_by_a_night_caught_up_since() -> None:
    foreseen(7, NIGHT - timedelta(days=20))
    foreseen(9_000, NIGHT - timedelta(days=8), recorded_at=clock.start_of(NIGHT))
    assert expiry_volume(NIGHT).figures["forecast"] == 7


# What is due


def test_counts_what_the_night_would_take(member: Member) -> None:
    JobRun.objects.create(step="notify_expiring_points", business_date=date(2025, 5, 1))
    for points in (100, 20, 3):
        told(earn(member, points, LAST_DAY if points > 3 else NIGHT))
    earn(member, 7_000)
    assert expiry_volume(NIGHT).figures["due"] == 120
    assert expiry_volume(NIGHT).figures["lots"] == 2


def test_leaves_out_what_an_operator_let_go(
    member: Member, traveller: time_machine.Traveller
) -> None:
    JobRun.objects.create(step="notify_expiring_points", business_date=date(2025, 5, 1))
    lot = earn(member, 5_000)
    foreseen(0)
    traveller.move_to(clock.start_of(NIGHT))
    waive_notice(lot=lot, operator=OperatorFactory())
    assert expiry_volume(NIGHT).holds is False


# By nights


def expired() -> list[tuple[int, date]]:
    entries = PointsEntry.objects.filter(kind="expire")
    return list(entries.values_list("points", "business_date"))


def test_lets_the_first_night_of_all_expire_and_keeps_the_figures(
    member: Member, traveller: time_machine.Traveller
) -> None:
    earn(member, 90_000)
    assert night(traveller, NIGHT).is_complete
    check = GuardCheck.objects.get()
    assert (check.holds, check.figures["due"], check.figures["forecast"]) == (False, 90_000, None)
    assert expired() == [(-90_000, NIGHT)]


def test_catches_up_what_was_foreseen_without_asking(
    member: Member, traveller: time_machine.Traveller, settings: Any
) -> None:
    # The steps of other floors leave lots and forecasts alone.
    settings.NIGHTLY_STEPS = [path for path in settings.NIGHTLY_STEPS if path.startswith("loyalty")]
    for ends in range(4):
        told(earn(member, 2_000, LAST_DAY + timedelta(days=ends)))
    night(traveller, date(2025, 5, 25))
    traveller.move_to(clock.start_of(NIGHT + timedelta(days=3)) + timedelta(hours=2))
    assert run_nights(NIGHT + timedelta(days=3)).is_complete
    assert expired() == [(-2_000, NIGHT + timedelta(days=day)) for day in range(4)]
    assert broken() == {}
