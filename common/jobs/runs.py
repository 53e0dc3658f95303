"""Opening nights, one date at a time, and finding the step to work on: each runs once."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction

from common import clock
from common.models import JobRange, JobRun, JobStatus

from .guards import ask_guard
from .steps import Step, nightly_steps, ranges_of

# Any number that no other advisory lock of the project uses: "jobs" in ASCII.
OPENING_LOCK = 0x6A6F6273


@dataclass(frozen=True)
class Opening:
    """Runs of a date that are due and not in the ledger yet."""

    business_date: date
    steps: list[Step]


def next_run(until: date) -> JobRun | None:
    """The run to work on now, opened if need be; None when every night up to `until` is done.

    After the last opened date comes the day after it; the first night ever is `until`. All runs of
    a night are opened together, over the members that there are then. A run that its guard holds
    is returned held: nothing after it begins. A run without ranges (a ranged step when there are
    no members) is returned done.
    """
    due = _next(until)
    while isinstance(due, Opening):
        _open(until)
        due = _next(until)
    if due is None:
        return None
    ask_guard(due)
    if due.is_cleared and due.ranges_total == 0:
        _close_empty(due)
    return due


def _next(until: date) -> JobRun | Opening | None:
    steps = nightly_steps()
    current = list(JobRun.objects.current())
    if not steps:
        return None
    if not current:
        return Opening(until, steps)
    night = current[-1].business_date
    if night > until:
        return None
    if left_over := _left_over(current, night, steps):
        return left_over
    runs = {run.step: run for run in current if run.business_date == night}
    if missing := [step for step in steps if step.name not in runs]:
        return Opening(night, missing)
    for step in steps:
        if not runs[step.name].is_done:
            return runs[step.name]
    return Opening(night + timedelta(days=1), steps) if night < until else None


def _left_over(current: list[JobRun], night: date, steps: list[Step]) -> JobRun | None:
    """An unfinished run of an older date: its step was taken off the list and put back."""
    names = {step.name for step in steps}
    older = (run for run in current if run.business_date < night and run.step in names)
    return next(older, None)


@transaction.atomic(durable=True)
def _open(until: date) -> None:
    """Open what is due, decided again with every other opener kept out."""
    _lock_openings()
    due = _next(until)
    if not isinstance(due, Opening):
        return
    ranges = {is_ranged: list(ranges_of(is_ranged=is_ranged)) for is_ranged in _kinds(due.steps)}
    runs = JobRun.objects.bulk_create(
        JobRun(
            step=step.name,
            business_date=due.business_date,
            ranges_total=len(ranges[step.is_ranged]),
            is_cleared=step.guard_path is None,
        )
        for step in due.steps
    )
    JobRange.objects.bulk_create(
        (
            JobRange(run=run, number=number, first_member_id=first, last_member_id=last)
            for run, step in zip(runs, due.steps, strict=True)
            for number, (first, last) in enumerate(ranges[step.is_ranged], start=1)
        ),
        batch_size=500,
    )


def _kinds(steps: list[Step]) -> set[bool]:
    return {step.is_ranged for step in steps}


def _close_empty(run: JobRun) -> None:
    run.status = JobStatus.DONE
    run.started_at = run.finished_at = clock.now()
    run.save(update_fields=["status", "started_at", "finished_at"])


def _lock_openings() -> None:
    """Let one opener in at a time; on SQLite, BEGIN IMMEDIATE has done that already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [OPENING_LOCK])
