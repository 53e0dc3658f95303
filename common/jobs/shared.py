"""Work outside the nights that is cut into ranges of members, for any number of workers.

What an operator has asked for is a run of its own table, its ranges another's. A kind of work says
which they are and what a range does; the rest, as for nights, is here: one conditional UPDATE
decides who works on a range, its effects and its mark are one transaction, a failure is recorded,
and a minute's tick sends what no message of late names.
"""

import logging
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import OperationalError, models, transaction
from django.db.models import F

from common import clock
from common.models.ranges import JobStatus, MemberRange, MemberRangeQuerySet

from .claims import ClaimLost, is_busy
from .owners import dead_among, this_owner
from .ranges import Outcome, check_keys
from .scheduler import RESEND_AFTER

logger = logging.getLogger(__name__)

Run = TypeVar("Run", bound=models.Model)
Range = TypeVar("Range", bound=MemberRange)
Send = Callable[[int], object]

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Claim(Generic[Range]):
    """Our right to work on a range, good until somebody else claims it."""

    range: Range
    token: UUID


class SharedWork(ABC, Generic[Run, Range]):
    """One kind of such work. Runs count their ranges in `ranges_total` and `ranges_done`."""

    # --- What a kind of work says ----------------------------------------------------------------

    @abstractmethod
    def ranges(self) -> MemberRangeQuerySet[Range]:
        """All ranges of all runs, each with its run at hand."""

    @abstractmethod
    def runs_at_work(self) -> models.QuerySet[Run]:
        """Runs whose ranges are to be done, the oldest first."""

    @abstractmethod
    def ranges_of(self, run: Run) -> MemberRangeQuerySet[Range]:
        """The ranges of what a run is at now."""

    @abstractmethod
    def runs_of(self, row: Range) -> models.QuerySet[Run]:
        """The run of a range, while it is still at what the range is for."""

    @abstractmethod
    def work(self, row: Range) -> dict[str, Any]:
        """Do a range; gives what it came to. Runs in the transaction of its mark."""

    @abstractmethod
    def close(self, run: Run, now: datetime) -> None:
        """Write down that the last range of a run is done; its row is locked."""

    @abstractmethod
    def stop(self, row: Range) -> None:
        """Write down that the run of a range has stopped, if nothing of it can still be done."""

    # --- What all have in common -----------------------------------------------------------------

    def claimable(self, run: Run) -> MemberRangeQuerySet[Range]:
        """The ranges of a run that may be claimed now, in their order."""
        return _claimable(self.ranges_of(run)).order_by("number")

    def work_on_range(self, range_id: int) -> Outcome:
        """Do a range if nobody else has it. A failure is recorded, not raised."""
        ours = self._claim(range_id)
        if ours is None:
            return Outcome.NOT_OURS
        try:
            self._work(ours)
        except ClaimLost:
            logger.warning("Range %s was taken over; what we did was rolled back.", ours.range)
            return Outcome.NOT_OURS
        except Exception as error:  # noqa: BLE001 - a range may fail in any way; its row keeps it
            return self._record(ours, error)
        return Outcome.DONE

    def work_on(self, run: Run, *, watch: Callable[[Run], None] = lambda run: None) -> Run:
        """Do a run in this process, sharing the work with whoever is at it.

        A range that fails is tried as often as by workers. Gives the run as it stands when it is
        done or stopped, or when others hold what is left for longer than anyone may.
        """
        deadline = _deadline()
        at_work = self.runs_at_work().filter(pk=run.pk)
        while at_work.exists() and time.monotonic() < deadline:
            ids = list(self.claimable(run).values_list("pk", flat=True))
            for range_id in ids:
                if self.work_on_range(range_id) is not Outcome.NOT_OURS:
                    deadline = _deadline()
                run.refresh_from_db()
                watch(run)
            if not ids:
                time.sleep(POLL_SECONDS)
        run.refresh_from_db()
        return run

    def send_due(self, *, send: Send) -> None:
        """Send the ranges of runs at work to workers: those that no message of late names."""
        now = clock.now()
        for run in self.runs_at_work():
            unsent = self.claimable(run).unsent(sent_before=now - RESEND_AFTER)
            ids = list(unsent.values_list("pk", flat=True))
            self.ranges().filter(pk__in=ids).update(sent_at=now)
            for range_id in ids:
                send(range_id)

    def _claim(self, range_id: int) -> Claim[Range] | None:
        """None where another has it, it is done, or SQLite's one writer is busy."""
        token = uuid4()
        try:
            with transaction.atomic(durable=True):
                taken = _claimable(self.ranges().filter(pk=range_id)).update(
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
        row = self.ranges().filter(pk=range_id).first()
        return Claim(row, token) if taken and row else None

    @transaction.atomic(durable=True)
    def _work(self, ours: Claim[Range]) -> None:
        counts = self.work(ours.range)
        check_keys()
        self._finish(ours, counts)

    def _finish(self, ours: Claim[Range], counts: dict[str, Any]) -> None:
        """Mark the range done inside the transaction of its effects, and the run with its last one.

        Raises ClaimLost, for the transaction to roll back, when the range is no longer ours.
        """
        now = clock.now()
        marks = {"status": JobStatus.DONE, "finished_at": now, "counts": counts, "error": ""}
        if not self._ours(ours).update(**marks):
            raise ClaimLost
        # The run's row is locked from here to the commit, so that exactly one range is the last.
        runs = self.runs_of(ours.range)
        if not runs.update(ranges_done=F("ranges_done") + 1):
            raise ClaimLost
        if run := runs.filter(ranges_done=F("ranges_total")).first():
            self.close(run, now)

    def _record(self, ours: Claim[Range], error: Exception) -> Outcome:
        if is_busy(error):
            self._ours(ours).update(
                status=JobStatus.PENDING, token=None, claimed_by="", claimed_at=None
            )
            return Outcome.NOT_OURS
        logger.error("%s failed.", ours.range, exc_info=error)
        told = "".join(traceback.format_exception(error))
        with transaction.atomic(durable=True):
            self._ours(ours).update(status=JobStatus.FAILED, finished_at=clock.now(), error=told)
            self.stop(ours.range)
        return Outcome.FAILED

    def _ours(self, ours: Claim[Range]) -> MemberRangeQuerySet[Range]:
        """The range, if it is still ours."""
        return self.ranges().filter(pk=ours.range.pk, token=ours.token, status=JobStatus.RUNNING)


def _claimable(ranges: MemberRangeQuerySet[Range]) -> MemberRangeQuerySet[Range]:
    held = ranges.filter(status=JobStatus.RUNNING).values_list("claimed_by", flat=True)
    return ranges.claimable(
        stale_before=clock.now() - timedelta(seconds=settings.NIGHTLY_STALE_AFTER_SECONDS),
        dead=dead_among(held.distinct()),
    )


def _deadline() -> float:
    patience: int = settings.NIGHTLY_STALE_AFTER_SECONDS
    return time.monotonic() + patience
