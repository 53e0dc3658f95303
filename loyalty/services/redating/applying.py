"""Applying a re-date run, range by range."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet

from common import clock
from common.jobs.shared import SharedWork
from common.jobs.steps import Counts
from common.models import MemberRangeQuerySet
from common.sql import execute_sql, fetch_sql
from loyalty.models import RedateRange, RedateRun

from .figures import applied, list_lots, totals

Status = RedateRun.Status
Watch = Callable[[RedateRun], None]


def redate_lots(run: RedateRun, first_member_id: int, last_member_id: int) -> Counts:
    """Give the lots of a run that belong to a range of members their new ends, each logged.

    Accounts are locked in id order; what is meant is read under the locks. Safe twice: a lot that
    the run has changed is left alone.
    """
    stretch = {"first": first_member_id, "last": last_member_id}
    kind = {"point_type": run.point_type_id}
    fetch_sql("loyalty", "redating/lock_accounts", stretch | kind)
    params = list_lots(run, first_member_id, last_member_id, now=clock.now())
    execute_sql("loyalty", "redating/apply", params | {"operator": run.operator_id})
    return totals()


class Redating(SharedWork[RedateRun, RedateRange]):
    """The ranges of confirmed runs."""

    def ranges(self) -> MemberRangeQuerySet[RedateRange]:
        return RedateRange.objects.select_related("run__point_type")

    def runs_at_work(self) -> QuerySet[RedateRun]:
        return RedateRun.objects.unfinished()

    def ranges_of(self, run: RedateRun) -> MemberRangeQuerySet[RedateRange]:
        return RedateRange.objects.filter(run=run)

    def runs_of(self, row: RedateRange) -> QuerySet[RedateRun]:
        return RedateRun.objects.filter(pk=row.run_id)

    def work(self, row: RedateRange) -> Counts:
        return redate_lots(row.run, row.first_member_id, row.last_member_id)

    def close(self, run: RedateRun, now: datetime) -> None:
        run.status, run.finished_at, run.applied = Status.DONE, now, applied(run)
        run.save(update_fields=["status", "finished_at", "applied"])

    def stop(self, row: RedateRange) -> None:
        RedateRun.objects.stuck().filter(pk=row.run_id).update(status=Status.FAILED)


REDATING = Redating()


def apply_redating(run: RedateRun, *, watch: Watch = lambda run: None) -> RedateRun:
    """Apply a confirmed run in this process, sharing the work with whoever is at it."""
    return REDATING.work_on(run, watch=watch)
