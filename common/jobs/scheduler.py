"""Nights by message: a tick sends what is due to workers, each finished step sends the next."""

import logging
from collections.abc import Callable
from datetime import date, timedelta

from common import clock
from common.models import JobRange

from .claims import claimable
from .dates import backlog, date_unasked
from .guards import record_jump
from .ranges import Outcome, run_range
from .runs import next_run

logger = logging.getLogger(__name__)

Send = Callable[[int], object]

# A message that nobody has acted on for this long may be lost: it is sent again. A second
# message for the same range is harmless, its claim fails.
RESEND_AFTER = timedelta(minutes=3)


def tick(*, send: Send) -> None:
    """Send what beat may send now. Called every minute, by any number of beats."""
    behind = backlog()
    until = date_unasked(behind)
    if behind.needs_operator and until == behind.latest:
        record_jump(behind)
        logger.error(
            "%s nights are owed since %s; more than beat catches up by itself. "
            "An operator must confirm them on the page of the nights, or start run_nightly.",
            behind.owed,
            behind.latest,
        )
    if until is not None:
        _send_due(until, send)


def work(range_id: int, *, send: Send) -> None:
    """Do a range that a message named; with the step's last range, send the next step's."""
    if run_range(range_id) is Outcome.DONE:
        run = JobRange.objects.select_related("run").get(pk=range_id).run
        until = date_unasked(backlog()) if run.is_done else None
        if until is not None:
            _send_due(until, send)


def advance(until: date) -> list[int]:
    """Open what is due up to a date and give the ids of the ranges to send to workers.

    Only ranges that may be claimed and that no message of the last minutes names.
    """
    run = next_run(until)
    while run is not None and run.is_done:
        run = next_run(until)
    if run is None or run.is_held:
        return []
    now = clock.now()
    ranges = claimable(run.pk).unsent(sent_before=now - RESEND_AFTER)
    ids = list(ranges.values_list("pk", flat=True))
    JobRange.objects.filter(pk__in=ids).update(sent_at=now)
    return ids


def _send_due(until: date, send: Send) -> None:
    for range_id in advance(until):
        send(range_id)
