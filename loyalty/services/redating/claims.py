"""Who works on a range: one conditional UPDATE decides; its token fences the outcome."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F

from common import clock
from common.jobs.claims import ClaimLost, is_busy
from common.jobs.owners import dead_among, this_owner
from common.jobs.steps import Counts
from common.models import JobStatus
from loyalty.models import RedateRange, RedateRun
from loyalty.models.redating import RedateRangeQuerySet

from .figures import applied


@dataclass(frozen=True)
class Claim:
    """Our right to work on a range, good until somebody else claims it."""

    range: RedateRange
    token: UUID

    def row(self) -> RedateRangeQuerySet:
        """The range, if it is still ours."""
        return RedateRange.objects.filter(
            pk=self.range.pk, token=self.token, status=JobStatus.RUNNING
        )


def claimable(run: RedateRun) -> RedateRangeQuerySet:
    """The ranges of a run that may be claimed now, in their order."""
    return _claimable(RedateRange.objects.filter(run=run)).order_by("number")


def claim(range_id: int) -> Claim | None:
    """Claim a range; None where another has it, it is done, or SQLite's one writer is busy."""
    token = uuid4()
    try:
        with transaction.atomic(durable=True):
            taken = _claimable(RedateRange.objects.filter(pk=range_id)).update(
                status=JobStatus.RUNNING,
                token=token,
                claimed_by=this_owner(),
                claimed_at=clock.now(),
                sent_at=None,
                finished_at=None,
                attempts=F("attempts") + 1,
            )
    except OperationalError as error:
        if not is_busy(error):
            raise
        return None
    row = RedateRange.objects.select_related("run__point_type").filter(pk=range_id).first()
    return Claim(row, token) if taken and row else None


def finish(ours: Claim, counts: Counts) -> None:
    """Mark the range done inside the transaction of its effects, and the run with its last one.

    Raises ClaimLost, for the caller's transaction to roll back, when the range is no longer ours.
    """
    now = clock.now()
    if not ours.row().update(status=JobStatus.DONE, finished_at=now, counts=counts, error=""):
        raise ClaimLost
    # The run's row is locked from here to the commit, so that exactly one range is the last.
    runs = RedateRun.objects.filter(pk=ours.range.run_id)
    runs.update(ranges_done=F("ranges_done") + 1)
    run = runs.get()
    if run.ranges_done == run.ranges_total:
        runs.update(status=RedateRun.Status.DONE, finished_at=now, applied=applied(run))


def fail(ours: Claim, error: str) -> None:
    """Record a failure; the run has stopped when no other range of it waits or is worked on."""
    with transaction.atomic(durable=True):
        ours.row().update(status=JobStatus.FAILED, finished_at=clock.now(), error=error)
        stuck = RedateRun.objects.stuck().filter(pk=ours.range.run_id)
        stuck.update(status=RedateRun.Status.FAILED)


def release(ours: Claim) -> None:
    """Give a range back untouched."""
    ours.row().update(status=JobStatus.PENDING, token=None, claimed_by="", claimed_at=None)


def _claimable(ranges: RedateRangeQuerySet) -> RedateRangeQuerySet:
    held = ranges.filter(status=JobStatus.RUNNING).values_list("claimed_by", flat=True)
    return ranges.claimable(
        stale_before=clock.now() - timedelta(seconds=settings.NIGHTLY_STALE_AFTER_SECONDS),
        dead=dead_among(held.distinct()),
    )
