"""Working on the ranges of a run: claim, effects and mark in one transaction each."""

import logging
import time
import traceback
from collections.abc import Callable

from django.conf import settings
from django.db import transaction

from common import clock
from common.jobs.claims import ClaimLost, is_busy
from common.jobs.ranges import Outcome
from common.jobs.scheduler import RESEND_AFTER
from common.jobs.steps import Counts
from common.sql import execute_sql, fetch_sql
from loyalty.models import RedateRange, RedateRun

from .claims import Claim, claim, claimable, fail, finish, release
from .figures import list_lots, totals

logger = logging.getLogger(__name__)

Send = Callable[[int], object]
Watch = Callable[[RedateRun], None]

POLL_SECONDS = 0.2


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


def work_on_range(range_id: int) -> Outcome:
    """Do a range if nobody else has it. A failure is recorded with its traceback, not raised."""
    ours = claim(range_id)
    if ours is None:
        return Outcome.NOT_OURS
    try:
        _work(ours)
    except ClaimLost:
        logger.warning("Range %s was taken over; what we did was rolled back.", ours.range)
        return Outcome.NOT_OURS
    except Exception as error:  # noqa: BLE001 - a range may fail in any way; its row keeps it
        return _record(ours, error)
    return Outcome.DONE


def apply_redating(run: RedateRun, *, watch: Watch = lambda run: None) -> RedateRun:
    """Apply a confirmed run in this process, sharing the work with whoever is at it.

    A range that fails is tried as often as by workers. Gives the run as it stands when it is done
    or stopped, or when others hold what is left for longer than anyone may.
    """
    deadline = _deadline()
    while run.status == RedateRun.Status.APPLYING and time.monotonic() < deadline:
        ids = list(claimable(run).values_list("pk", flat=True))
        for range_id in ids:
            if work_on_range(range_id) is not Outcome.NOT_OURS:
                deadline = _deadline()
            run.refresh_from_db()
            watch(run)
        if not ids:
            time.sleep(POLL_SECONDS)
            run.refresh_from_db()
    return run


def send_due(*, send: Send) -> None:
    """Send the ranges of confirmed runs to workers: those that no message of late names."""
    now = clock.now()
    for run in RedateRun.objects.unfinished():
        ids = list(
            claimable(run).unsent(sent_before=now - RESEND_AFTER).values_list("pk", flat=True)
        )
        RedateRange.objects.filter(pk__in=ids).update(sent_at=now)
        for range_id in ids:
            send(range_id)


def _deadline() -> float:
    patience: int = settings.NIGHTLY_STALE_AFTER_SECONDS
    return time.monotonic() + patience


@transaction.atomic(durable=True)
def _work(ours: Claim) -> None:
    row = ours.range
    finish(ours, redate_lots(row.run, row.first_member_id, row.last_member_id))


def _record(ours: Claim, error: Exception) -> Outcome:
    if is_busy(error):
        release(ours)
        return Outcome.NOT_OURS
    logger.error("Re-dating failed in range %s.", ours.range, exc_info=error)
    fail(ours, "".join(traceback.format_exception(error)))
    return Outcome.FAILED
