"""Working on one range: claim, effects and mark in one transaction, or a recorded failure."""

import logging
import traceback
from enum import Enum, auto

from django.db import connection, transaction

from .claims import Claim, ClaimLost, claim, fail, finish, is_busy, release
from .steps import step_named

logger = logging.getLogger(__name__)


class Outcome(Enum):
    """What became of a range in our hands."""

    DONE = auto()
    FAILED = auto()
    NOT_OURS = auto()


def run_range(range_id: int, *, is_asked: bool = False) -> Outcome:
    """Do a range if nobody else has it. A failure is recorded with its traceback, not raised."""
    ours = claim(range_id, is_asked=is_asked)
    if ours is None:
        return Outcome.NOT_OURS
    try:
        _work(ours)
    except ClaimLost:
        logger.warning("Range %s was taken over; what we did was rolled back.", ours.range)
        return Outcome.NOT_OURS
    except Exception as error:  # noqa: BLE001 - a step may fail in any way; the ledger keeps it
        return _record(ours, error)
    return Outcome.DONE


@transaction.atomic(durable=True)
def _work(ours: Claim) -> None:
    row = ours.range
    _prefer_indexes()
    step = step_named(row.run.step)
    counts = step(row.run.business_date, row.first_member_id, row.last_member_id)
    check_keys()
    finish(ours, counts)


def check_keys() -> None:
    """On PostgreSQL, check the foreign keys of what was written rather than leave it to the commit.

    By then the run's row is locked, and every worker that is done with a range would wait for it.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _prefer_indexes() -> None:
    """A range is few rows of many: on PostgreSQL, price a page found by an index as SSDs do.

    At the price of a turning disk, its default, each range would read whole tables.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL random_page_cost = 1.1")


def _record(ours: Claim, error: Exception) -> Outcome:
    if is_busy(error):
        release(ours)
        return Outcome.NOT_OURS
    logger.error("%s failed in range %s.", ours.range.run, ours.range, exc_info=error)
    fail(ours, "".join(traceback.format_exception(error)))
    return Outcome.FAILED
