"""A night runs its steps in order, each once, and later nights catch up."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from common.jobs.errors import NightBeforeFirst, NightNotReached
from common.jobs.nights import run_nights
from common.jobs.runs import next_run
from common.models import JobRange, JobRun, JobStatus
from tests.nights import steps
from tests.nights.fixtures import nights_fixture, use_steps  # noqa: F401

D1, D2, D3, D4 = (date(2025, 3, day) for day in (1, 2, 3, 4))


def runs() -> list[tuple[str, date, str, int, dict[str, int]]]:
    fields = ("step", "business_date", "status", "ranges_done", "counts")
    return list(JobRun.objects.order_by("pk").values_list(*fields))


def test_runs_every_step_over_every_member_in_order(nights: Any) -> None:
    report = run_nights(D1)
    assert runs() == [
        ("greet", D1, "done", 3, {"members": 30}),
        ("summarise", D1, "done", 1, {"members": 1}),
        ("reward", D1, "done", 3, {"members": 30}),
    ]
    assert [(name, first) for name, _, first in steps.calls] == [
        ("greet", 1),
        ("greet", 11),
        ("greet", 21),
        ("summarise", 0),
        ("reward", 1),
        ("reward", 11),
        ("reward", 21),
    ]
    assert report.dates == [D1]
    assert report.totals()["greet"] == {"members": 30}
    assert len(steps.effects()) == 61


def test_catches_up_missed_dates_each_finished_before_the_next(nights: Any) -> None:
    run_nights(D1)
    steps.calls.clear()
    report = run_nights(D4)
    assert report.dates == [D2, D3, D4]
    order = [(day, name) for name, day, _ in steps.calls]
    assert order == sorted(order, key=lambda call: call[0])
    assert [name for day, name in order if day == D3] == (
        ["greet"] * 3 + ["summarise"] + ["reward"] * 3
    )


def test_has_nothing_to_do_for_a_date_that_has_run(nights: Any) -> None:
    run_nights(D1)
    run_nights(D3)
    steps.calls.clear()
    for day in (D1, D2, D3):
        assert run_nights(day).dates == []
    assert steps.calls == []


def test_refuses_a_date_before_the_first_night(nights: Any) -> None:
    run_nights(D2)
    with pytest.raises(NightBeforeFirst):
        run_nights(D1)
    assert JobRun.objects.count() == 3


@time_machine.travel(datetime(2025, 3, 1, 15, 59, 59, tzinfo=UTC), tick=False)
def test_refuses_a_night_that_has_not_come(nights: Any) -> None:
    with pytest.raises(NightNotReached):
        run_nights(D2)
    assert run_nights(D1).dates == [D1]


@time_machine.travel(datetime(2025, 3, 1, 16, 0, tzinfo=UTC), tick=False)
def test_may_run_from_midnight_in_the_programmes_zone(nights: Any) -> None:
    assert run_nights(D2).dates == [D2]


def test_is_done_at_once_without_members(nights: Any) -> None:
    steps.world.members = 0
    run_nights(D1)
    assert runs() == [
        ("greet", D1, "done", 0, {}),
        ("summarise", D1, "done", 1, {"members": 1}),
        ("reward", D1, "done", 0, {}),
    ]


def test_cuts_members_into_ranges_of_the_configured_size(nights: Any) -> None:
    steps.world.members = 21
    run_nights(D1)
    ranges = JobRange.objects.filter(run__step="greet").order_by("number")
    assert list(ranges.values_list("number", "first_member_id", "last_member_id")) == [
        (1, 1, 10),
        (2, 11, 20),
        (3, 21, 21),
    ]


def test_opens_a_night_whole_over_the_members_of_that_moment(nights: Any) -> None:
    run = next_run(D1)
    assert run is not None
    assert run.step == "greet"
    steps.world.members = 40
    assert [(step, status) for step, _, status, *_ in runs()] == [
        ("greet", "pending"),
        ("summarise", "pending"),
        ("reward", "pending"),
    ]
    assert run_nights(D1).totals() == {
        "greet": {"members": 30},
        "summarise": {"members": 1},
        "reward": {"members": 30},
    }


def test_runs_a_step_added_later_for_the_last_night_only(nights: Any) -> None:
    use_steps(nights, "greet")
    run_nights(D1)
    run_nights(D2)
    use_steps(nights, "greet", "reward")
    run_nights(D2)
    assert [(step, day) for step, day, *_ in runs()] == [
        ("greet", D1),
        ("greet", D2),
        ("reward", D2),
    ]


def test_finishes_an_older_run_of_a_step_that_was_put_back(nights: Any) -> None:
    steps.cursed.add(5)
    use_steps(nights, "reward")
    assert not run_nights(D1).is_complete
    use_steps(nights, "greet")
    steps.cursed.clear()
    run_nights(D2)
    use_steps(nights, "greet", "reward")
    run_nights(D2)
    done = JobRun.objects.filter(step="reward", status=JobStatus.DONE)
    assert list(done.order_by("pk").values_list("business_date", flat=True)) == [D1, D2]


def test_stays_within_few_queries_for_an_empty_night(
    nights: Any, django_assert_max_num_queries: Any
) -> None:
    """A year of nights is caught up in seconds: this many round trips for three steps."""
    run_nights(D1)
    steps.world.members = 10
    with django_assert_max_num_queries(66):
        run_nights(D2)
