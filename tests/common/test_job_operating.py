"""Operators resume what failed and run a finished step again; what was before is kept."""

from datetime import date, timedelta
from typing import Any

import pytest

from common.jobs.errors import (
    LaterDateHasRun,
    NothingToResume,
    RunNotDone,
    StepBusy,
    StepNotConfigured,
)
from common.jobs.nights import run_nights
from common.jobs.operating import resume_run, run_again
from common.jobs.runs import next_run
from common.jobs.scheduler import advance
from common.models import JobAttempt, JobRange, JobRun, JobStatus
from members.models import User
from tests.factories import OperatorFactory
from tests.nights import steps
from tests.nights.fixtures import nights_fixture, use_steps  # noqa: F401

D1, D2, D3 = (date(2025, 3, day) for day in (1, 2, 3))


@pytest.fixture(autouse=True)
def _nights(nights: Any) -> None:
    """Every test here runs nights."""


@pytest.fixture
def operator(db: None) -> User:
    return OperatorFactory(username="li.wei")


def run_of(step: str, day: date) -> JobRun:
    return JobRun.objects.get(step=step, business_date=day)


def worn_out(step: str) -> JobRun:
    """A run whose second range has used up its attempts."""
    steps.cursed.add(15)
    run_nights(D1)
    run = run_of(step, D1)
    run.ranges.filter(number=2).update(attempts=3)
    steps.cursed.clear()
    return run


def test_resumes_only_what_failed(operator: User) -> None:
    run = worn_out("greet")
    assert advance(D1) == []
    resume_run(run=run, operator=operator)
    assert advance(D1) == [run.ranges.get(number=2).pk]
    assert run_nights(D1).is_complete
    assert list(run.ranges.order_by("number").values_list("attempts", flat=True)) == [1, 1, 1]
    assert len(steps.effects()) == 61


def test_keeps_the_errors_of_what_is_resumed(operator: User) -> None:
    run = worn_out("greet")
    attempt = resume_run(run=run, operator=operator)
    assert (attempt.number, attempt.ended, attempt.operator) == (1, "resumed", operator)
    assert (attempt.status, attempt.ranges_done, attempt.ranges_total) == ("failed", 2, 3)
    (error,) = attempt.errors
    assert (error["first_member_id"], error["last_member_id"], error["attempts"]) == (11, 20, 3)
    assert error["error"].endswith("RuntimeError: A cursed member.\n")


def test_resumes_nothing_twice_and_nothing_that_did_not_fail(operator: User) -> None:
    run = worn_out("greet")
    resume_run(run=run, operator=operator)
    for target in (run, run_of("reward", D1)):
        with pytest.raises(NothingToResume):
            resume_run(run=target, operator=operator)
    assert JobAttempt.objects.count() == 1


def test_runs_a_finished_step_again_for_its_date(operator: User) -> None:
    run_nights(D1)
    run = run_of("greet", D1)
    steps.calls.clear()
    attempt = run_again(run=run, operator=operator)
    assert (attempt.status, attempt.counts, attempt.ended) == ("done", {"members": 30}, "repeated")
    assert (attempt.started_at, attempt.finished_at) == (run.started_at, run.finished_at)
    assert run_nights(D1).is_complete
    assert steps.calls == [("greet", D1, 1), ("greet", D1, 11), ("greet", D1, 21)]
    run.refresh_from_db()
    assert (run.status, run.ranges_done, run.counts) == ("done", 3, {"members": 30})


def test_runs_an_older_date_again_before_any_that_is_to_come(operator: User) -> None:
    run_nights(D1)
    run_nights(D2)
    steps.calls.clear()
    run_again(run=run_of("summarise", D1), operator=operator)
    run_nights(D3)
    assert [(name, day) for name, day, _ in steps.calls[:2]] == [("summarise", D1), ("greet", D3)]
    in_order = list(JobRun.objects.order_by("pk").values_list("business_date", flat=True))
    assert in_order == [D1] * 3 + [D2] * 3 + [D3] * 3


def test_covers_members_who_came_since(operator: User) -> None:
    run_nights(D1)
    steps.world.members = 45
    steps.calls.clear()
    run_again(run=run_of("greet", D1), operator=operator)
    run_nights(D1)
    assert [first for _, _, first in steps.calls] == [1, 11, 21, 31, 41]
    ranges = JobRange.objects.filter(run__step="greet").order_by("number")
    assert list(ranges.values_list("number", "last_member_id"))[2:] == [(3, 30), (4, 40), (5, 45)]
    assert run_of("greet", D1).counts == {"members": 45}


def test_refuses_while_another_date_of_the_step_is_not_done(operator: User) -> None:
    run_nights(D1)
    next_run(D2)
    with pytest.raises(StepBusy) as refusal:
        run_again(run=run_of("reward", D1), operator=operator)
    assert refusal.value.details == {"date": D2}
    assert run_of("reward", D1).is_done


def test_refuses_what_is_not_done(operator: User) -> None:
    next_run(D1)
    with pytest.raises(RunNotDone):
        run_again(run=run_of("greet", D1), operator=operator)


def test_refuses_a_second_time_while_the_first_is_not_done(operator: User) -> None:
    run_nights(D1)
    run_again(run=run_of("greet", D1), operator=operator)
    with pytest.raises(RunNotDone):
        run_again(run=run_of("greet", D1), operator=operator)
    assert JobAttempt.objects.count() == 1


def test_refuses_what_tells_of_its_own_night_once_a_later_one_has_run(
    nights: Any, operator: User
) -> None:
    use_steps(nights, "announce")
    run_nights(D1)
    run_nights(D2)
    with pytest.raises(LaterDateHasRun):
        run_again(run=run_of("announce", D1), operator=operator)
    run_again(run=run_of("announce", D2), operator=operator)
    assert run_of("announce", D2).status == JobStatus.PENDING


def test_refuses_a_step_that_the_nights_no_longer_have(nights: Any, operator: User) -> None:
    run_nights(D1)
    use_steps(nights, "greet")
    with pytest.raises(StepNotConfigured):
        run_again(run=run_of("reward", D1), operator=operator)


def test_numbers_the_attempts_of_a_run(operator: User) -> None:
    run_nights(D1)
    for _ in range(2):
        run_again(run=run_of("greet", D1), operator=operator)
        run_nights(D1 + timedelta(days=0))
    assert list(JobAttempt.objects.order_by("pk").values_list("number", flat=True)) == [1, 2]
