"""Claims: one conditional UPDATE decides who works on a range; its token fences the outcome."""

import logging
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from common import clock
from common.models import JobRange, JobRun, JobStatus
from common.models.jobs import JobRangeQuerySet

from .owners import dead_among, this_owner
from .steps import Counts

logger = logging.getLogger(__name__)


class ClaimLost(Exception):
    """Another owner has claimed the range since; our effects must not stay."""


@dataclass(frozen=True)
class Claim:
    """Our right to work on a range, good until somebody else claims it."""

    range: JobRange
    token: UUID

    def row(self) -> JobRangeQuerySet:
        """The range, if it is still ours."""
        return JobRange.objects.filter(pk=self.range.pk, token=self.token, status=JobStatus.RUNNING)


def claimable(run_id: int, *, is_asked: bool = False) -> JobRangeQuerySet:
    """The ranges of a run that may be claimed now, in their order."""
    ranges = JobRange.objects.filter(run=run_id)
    owners = ranges.filter(status=JobStatus.RUNNING).values_list("claimed_by", flat=True)
    return _claimable(ranges, owners.distinct(), is_asked=is_asked).order_by("number")


def claim(range_id: int, *, is_asked: bool = False) -> Claim | None:
    """Claim a range, or None where another has it, it is done, or its attempts are used up.

    `is_asked`: an operator asked, so a failed range is tried whatever its attempts. On SQLite,
    None also while another process keeps the one writer's place for too long.
    """
    row = JobRange.objects.select_related("run").get(pk=range_id)
    token = uuid4()
    try:
        is_ours = _take(row, token, is_asked=is_asked)
    except OperationalError as error:
        if not is_busy(error):
            raise
        logger.info("Range %s was not claimed: the database is busy.", row)
        return None
    return Claim(row, token) if is_ours else None


@transaction.atomic(durable=True)
def _take(row: JobRange, token: UUID, *, is_asked: bool) -> bool:
    now = clock.now()
    # The owner that we read may have lost the range since: the UPDATE compares it again.
    owners = [row.claimed_by] if row.claimed_by else []
    taken = _claimable(JobRange.objects.filter(pk=row.pk), owners, is_asked=is_asked).update(
        status=JobStatus.RUNNING,
        token=token,
        claimed_by=this_owner(),
        claimed_at=now,
        sent_at=None,
        finished_at=None,
        attempts=F("attempts") + 1,
    )
    if taken:
        JobRun.objects.filter(
            pk=row.run_id, status__in=[JobStatus.PENDING, JobStatus.FAILED]
        ).update(status=JobStatus.RUNNING, started_at=Coalesce("started_at", now))
    return taken == 1


def finish(claim: Claim, counts: Counts) -> None:
    """Mark the range done inside the transaction of its effects, and the run with its last one.

    Raises ClaimLost, for the caller's transaction to roll back, when the range is no longer ours.
    """
    now = clock.now()
    marked = claim.row().update(status=JobStatus.DONE, finished_at=now, counts=counts, error="")
    if not marked:
        raise ClaimLost
    # The run's row is locked from here to the commit, so that exactly one range is the last.
    JobRun.objects.filter(pk=claim.range.run_id).update(ranges_done=F("ranges_done") + 1)
    run = JobRun.objects.get(pk=claim.range.run_id)
    if run.ranges_done == run.ranges_total:
        _close(run, counts, now)


def fail(claim: Claim, error: str) -> None:
    """Record a failure; the run has failed when no other range of it is waiting or running."""
    with transaction.atomic(durable=True):
        claim.row().update(status=JobStatus.FAILED, finished_at=clock.now(), error=error)
        JobRun.objects.stuck().filter(pk=claim.range.run_id).update(status=JobStatus.FAILED)


def release(claim: Claim) -> None:
    """Give a range back untouched."""
    claim.row().update(status=JobStatus.PENDING, token=None, claimed_by="", claimed_at=None)


def is_busy(error: BaseException) -> bool:
    """Whether SQLite gave up waiting for its one writer's place: nothing is wrong, try later."""
    cause = error.__cause__
    return isinstance(cause, sqlite3.OperationalError) and cause.sqlite_errorcode & 0xFF in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    )


def _claimable(
    ranges: JobRangeQuerySet, owners: Iterable[str], *, is_asked: bool
) -> JobRangeQuerySet:
    return ranges.claimable(
        stale_before=_stale_before(), dead=dead_among(owners), is_asked=is_asked
    )


def _stale_before() -> datetime:
    return clock.now() - timedelta(seconds=settings.NIGHTLY_STALE_AFTER_SECONDS)


def _close(run: JobRun, last: Counts, now: datetime) -> None:
    total = last if run.ranges_total == 1 else _total_of(run)
    JobRun.objects.filter(pk=run.pk).update(status=JobStatus.DONE, finished_at=now, counts=total)


def _total_of(run: JobRun) -> Counts:
    total: Counts = {}
    for counts in run.ranges.order_by("number").values_list("counts", flat=True).iterator():
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
    return total
