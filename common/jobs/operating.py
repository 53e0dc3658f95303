"""What operators do to a run: give failed ranges another go, or run a finished step again.

Neither starts anything: the next tick sends the ranges, or `run_nightly` works on them.
"""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max

from common.models import JobAttempt, JobRange, JobRun, JobStatus

from .errors import LaterDateHasRun, NothingToResume, RunNotDone, StepBusy, StepNotConfigured
from .steps import Step, nightly_steps, ranges_of


@transaction.atomic
def resume_run(*, run: JobRun, operator: AbstractBaseUser) -> JobAttempt:
    """Give every failed range of a run another go at once, with all its attempts.

    What was done stays done. The errors are kept with the attempt. Refused where nothing has
    failed (NothingToResume).
    """
    run = JobRun.objects.select_for_update().get(pk=run.pk)
    failed = run.ranges.filter(status=JobStatus.FAILED)
    if not failed.exists():
        raise NothingToResume
    attempt = _keep(run, operator, JobAttempt.Ended.RESUMED)
    failed.update(
        status=JobStatus.PENDING, attempts=0, sent_at=None, finished_at=None, token=None, error=""
    )
    run.status = JobStatus.RUNNING
    run.save(update_fields=["status"])
    return attempt


@transaction.atomic
def run_again(*, run: JobRun, operator: AbstractBaseUser) -> JobAttempt:
    """Open a finished run once more, for the same date and every member that there is now.

    Safe: steps do nothing twice. It comes before any date that is still to come, and later dates
    stay as they are. Its guard is asked anew. What it had come to is kept as an attempt. Refused
    while it is not done (RunNotDone), while another date of the step is not (StepBusy), and for
    steps that tell of their own night once a later one has run (LaterDateHasRun).
    """
    run = JobRun.objects.select_for_update().get(pk=run.pk)
    step = _repeatable(run)
    attempt = _keep(run, operator, JobAttempt.Ended.REPEATED)
    run.ranges.update(
        status=JobStatus.PENDING,
        attempts=0,
        token=None,
        claimed_by="",
        claimed_at=None,
        sent_at=None,
        finished_at=None,
        counts={},
        error="",
    )
    _cover_newcomers(run, step)
    run.status = JobStatus.PENDING
    run.started_at = run.finished_at = None
    run.ranges_done = 0
    run.ranges_total = run.ranges.count()
    run.counts = {}
    run.is_cleared = step.guard_path is None
    run.save(
        update_fields=[
            "status",
            "started_at",
            "finished_at",
            "ranges_done",
            "ranges_total",
            "counts",
            "is_cleared",
        ]
    )
    return attempt


def _repeatable(run: JobRun) -> Step:
    if not run.is_done:
        raise RunNotDone
    step = next((step for step in nightly_steps() if step.name == run.step), None)
    if step is None:
        raise StepNotConfigured
    others = JobRun.objects.filter(step=run.step).exclude(pk=run.pk)
    if busy := others.unfinished().first():
        raise StepBusy(date=busy.business_date)
    latest = others.aggregate(latest=Max("business_date"))["latest"]
    if step.is_latest_only and latest and latest > run.business_date:
        raise LaterDateHasRun(latest=latest)
    return step


def _keep(run: JobRun, operator: AbstractBaseUser, ended: JobAttempt.Ended) -> JobAttempt:
    return JobAttempt.objects.create(
        run=run,
        number=run.attempts_before.count() + 1,
        ended=ended,
        operator_id=operator.pk,
        status=run.status,
        started_at=run.started_at,
        finished_at=run.finished_at,
        ranges_total=run.ranges_total,
        ranges_done=run.ranges_done,
        counts=run.counts,
        errors=_errors(run),
    )


def _errors(run: JobRun) -> list[dict[str, Any]]:
    fields = ("first_member_id", "last_member_id", "attempts", "finished_at", "error")
    failed = run.ranges.filter(status=JobStatus.FAILED).order_by("number")
    return [dict(row) for row in failed.values(*fields)]


def _cover_newcomers(run: JobRun, step: Step) -> None:
    """Add ranges for members beyond the last that the run knows: they came after it was opened."""
    if not step.is_ranged:
        return
    known = run.ranges.aggregate(member=Max("last_member_id"), number=Max("number"))
    covered, number = known["member"] or 0, known["number"] or 0
    beyond = [
        (max(first, covered + 1), last)
        for first, last in ranges_of(is_ranged=True)
        if last > covered
    ]
    JobRange.objects.bulk_create(
        JobRange(run=run, number=number + place, first_member_id=first, last_member_id=last)
        for place, (first, last) in enumerate(beyond, start=1)
    )
