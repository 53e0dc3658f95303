"""Nights that several processes work on at once, on PostgreSQL."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any, TypeVar

import pytest
from django.db import connection

from common import clock
from common.jobs.claims import claim
from common.jobs.nights import NightReport, run_nights
from common.jobs.ranges import Outcome, run_range
from common.jobs.runs import next_run
from common.models import JobRange, JobRun
from common.models.jobs import JobRangeQuerySet
from tests.nights import steps
from tests.nights.fixtures import nights_fixture, use_steps  # noqa: F401

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

NIGHT = date(2025, 3, 1)
THREADS = 20

Result = TypeVar("Result")


def at_once(count: int, act: Callable[[], Result]) -> list[Result]:
    """What so many threads return that begin together, each on a connection of its own."""
    barrier = threading.Barrier(count)

    def begin() -> Result:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(begin) for _ in range(count)]
        return [future.result() for future in futures]


def race_for_every_range() -> None:
    run = next_run(NIGHT)
    assert run is not None
    ids = list(run.ranges.order_by("number").values_list("pk", flat=True))
    at_once(THREADS, lambda: [run_range(range_id) for range_id in ids])


def test_runs_each_range_once_for_twenty_claimants(nights: Any) -> None:
    steps.world.members = 100
    race_for_every_range()
    assert sorted(first for _, _, first in steps.calls) == list(range(1, 101, 10))
    assert len(steps.effects()) == 100
    greeted = JobRange.objects.filter(run__step="greet")
    assert list(greeted.values_list("attempts", flat=True)) == [1] * 10


def test_runs_ranges_many_times_without_the_condition(
    nights: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a claim that does not ask for the range's status lets everyone in."""
    monkeypatch.setattr(JobRangeQuerySet, "claimable", lambda ranges, **conditions: ranges)
    steps.world.members = 100
    race_for_every_range()
    assert len(steps.calls) > 10


def test_opens_a_night_once_for_twenty_openers(nights: Any) -> None:
    runs = at_once(THREADS, lambda: next_run(NIGHT))
    assert len({run.pk for run in runs if run}) == 1
    assert JobRun.objects.count() == 3
    assert JobRange.objects.count() == 7


def test_opens_one_first_night_for_two_dates(nights: Any) -> None:
    days = [NIGHT, date(2025, 2, 1)] * 10
    at_once(THREADS, lambda: next_run(days.pop()))
    assert JobRun.objects.values("business_date").distinct().count() == 1
    assert JobRun.objects.count() == 3


def test_shares_a_catch_up_between_four_commands(nights: Any) -> None:
    run_nights(NIGHT)
    steps.calls.clear()
    until = NIGHT + timedelta(days=5)
    reports: list[NightReport] = at_once(4, lambda: run_nights(until))
    assert all(report.is_complete for report in reports)
    assert len(steps.calls) == 5 * 7
    assert len(set(steps.effects())) == len(steps.effects()) == 6 * 61
    assert set(JobRun.objects.values_list("status", flat=True)) == {"done"}
    in_order = JobRun.objects.order_by("started_at").values_list("business_date", flat=True)
    assert list(in_order) == sorted(in_order)


def test_rolls_back_what_a_stale_owner_did(nights: Any) -> None:
    """An owner is given up for dead inside its range; it comes back after the new one is done."""
    use_steps(nights, "linger")
    run = next_run(NIGHT)
    assert run is not None
    row = run.ranges.get(number=1)
    with ThreadPoolExecutor(1) as pool:
        stale = pool.submit(run_and_close, row.pk)
        assert steps.entered.wait(timeout=20)
        JobRange.objects.filter(pk=row.pk).update(claimed_at=clock.now() - timedelta(hours=1))
        fresh = claim(row.pk)
        assert fresh is not None
        steps.gate.set()
        assert stale.result() is Outcome.NOT_OURS
    assert steps.effects() == []
    row.refresh_from_db()
    assert (row.status, row.token) == ("running", fresh.token)


def test_closes_a_run_once_when_its_last_ranges_end_together(nights: Any) -> None:
    use_steps(nights, "greet")
    steps.world.members = 200
    run = next_run(NIGHT)
    assert run is not None
    ids = list(run.ranges.values_list("pk", flat=True))
    at_once(THREADS, lambda: run_range(ids.pop()))
    run.refresh_from_db()
    assert (run.status, run.ranges_done, run.counts) == ("done", 20, {"members": 200})


def run_and_close(range_id: int) -> Outcome:
    try:
        return run_range(range_id)
    finally:
        connection.close()
