"""A range that fails keeps its traceback, loses its effects and can be run again."""

from datetime import date
from typing import Any

import pytest

from common.jobs.nights import run_nights
from common.jobs.ranges import Outcome, run_range
from common.jobs.runs import next_run
from common.models import JobRange, JobRun
from tests.nights import steps
from tests.nights.fixtures import nights_fixture, use_steps  # noqa: F401

NIGHT = date(2025, 3, 1)


@pytest.fixture(autouse=True)
def _two_steps(nights: Any) -> None:
    use_steps(nights, "greet", "reward")
    steps.cursed.add(15)


def test_is_recorded_with_its_traceback_and_without_effects() -> None:
    run = next_run(NIGHT)
    assert run is not None
    row = run.ranges.get(number=2)
    assert run_range(row.pk) is Outcome.FAILED
    row.refresh_from_db()
    assert (row.status, row.attempts, row.counts) == ("failed", 1, {})
    assert row.error.startswith("Traceback")
    assert row.error.endswith("RuntimeError: A cursed member.\n")
    assert row.finished_at is not None
    assert steps.effects() == []


def test_does_the_other_ranges_and_stops_before_the_next_step() -> None:
    report = run_nights(NIGHT)
    assert report.failed is not None
    assert report.failed.first_member_id == 11
    assert not report.is_complete
    assert list(JobRun.objects.order_by("pk").values_list("step", "status", "ranges_done")) == [
        ("greet", "failed", 2),
        ("reward", "pending", 0),
    ]
    assert len(steps.effects()) == 20


def attempts() -> int:
    return JobRange.objects.get(run__step="greet", number=2).attempts


def test_is_tried_once_more_in_each_invocation() -> None:
    run_nights(NIGHT)
    assert attempts() == 2
    run_nights(NIGHT)
    assert attempts() == 3
    run_nights(NIGHT)
    assert attempts() == 4


def test_resumes_where_it_stopped() -> None:
    run_nights(NIGHT)
    steps.cursed.clear()
    steps.calls.clear()
    report = run_nights(date(2025, 3, 2))
    assert report.is_complete
    assert steps.calls[0] == ("greet", NIGHT, 11)
    assert len(steps.calls) == 1 + 3 + 6
    assert len(set(steps.effects())) == len(steps.effects()) == 120
    row = JobRange.objects.get(run__step="greet", run__business_date=NIGHT, number=2)
    assert (row.status, row.error) == ("done", "")
    run = JobRun.objects.get(step="greet", business_date=NIGHT)
    assert (run.status, run.ranges_done, run.counts) == ("done", 3, {"members": 30})
