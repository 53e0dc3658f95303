"""Working on the ranges of a draft: claim, effects and mark in one transaction each.

A preview and an application take the same way; what differs is what a range does.
"""

import logging
import time
import traceback
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction

from common import clock
from common.jobs.claims import ClaimLost, is_busy
from common.jobs.ranges import Outcome
from common.jobs.scheduler import RESEND_AFTER
from common.sql import execute_sql, fetch_sql
from loyalty.models import Ladder, LadderDraft, LadderDraftRange, Tier
from loyalty.services.ladder import ladder_version

from .claims import Claim, claim, claimable, fail, finish, release
from .figures import counts_of, judge, list_members, place

logger = logging.getLogger(__name__)

Send = Callable[[int], object]
Watch = Callable[[LadderDraft], None]

POLL_SECONDS = 0.2


def preview_members(draft: LadderDraft, first: int, last: int) -> dict[str, Any]:
    """Find out where the draft would leave a range of members, and note who would move.

    Everyone is judged at the instant at which the preview began; nothing is locked or changed.
    """
    assert draft.as_of is not None
    params = judge(draft, first, last, at=draft.as_of)
    execute_sql("loyalty", "ladder/note_moves", params)
    return counts_of(params)


def move_members(draft: LadderDraft, first: int, last: int) -> dict[str, Any]:
    """Give a range of members their places on the new ladder, each move a change of tier.

    Accounts and standings are locked in id order; everyone is judged by what is there under the
    locks. Safe twice: who stands where the draft leaves them is left alone.
    """
    params = list_members(first, last)
    fetch_sql("loyalty", "lock_members_to_review", params)
    version = ladder_version(Ladder.objects.solo(), list(Tier.objects.by_rank()))
    params = place(draft, params, at=clock.now()) | {"version": version.pk}
    counts = counts_of(params)
    execute_sql("loyalty", "ladder/apply", params)
    return counts


WORK: dict[str, Callable[[LadderDraft, int, int], dict[str, Any]]] = {
    LadderDraft.Status.PREVIEWING: preview_members,
    LadderDraft.Status.APPLYING: move_members,
}


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


def work_on_draft(draft: LadderDraft, *, watch: Watch = lambda draft: None) -> LadderDraft:
    """Preview or apply a draft in this process, sharing the work with whoever is at it.

    A range that fails is tried as often as by workers. Gives the draft as it stands when it is
    done or stopped, or when others hold what is left for longer than anyone may.
    """
    deadline = _deadline()
    while draft.status in LadderDraft.AT_WORK and time.monotonic() < deadline:
        ids = list(claimable(draft).values_list("pk", flat=True))
        for range_id in ids:
            if work_on_range(range_id) is not Outcome.NOT_OURS:
                deadline = _deadline()
            draft.refresh_from_db()
            watch(draft)
        if not ids:
            time.sleep(POLL_SECONDS)
            draft.refresh_from_db()
    return draft


def send_due(*, send: Send) -> None:
    """Send the ranges of drafts at work to workers: those that no message of late names."""
    now = clock.now()
    for draft in LadderDraft.objects.at_work():
        ids = list(
            claimable(draft).unsent(sent_before=now - RESEND_AFTER).values_list("pk", flat=True)
        )
        LadderDraftRange.objects.filter(pk__in=ids).update(sent_at=now)
        for range_id in ids:
            send(range_id)


def _deadline() -> float:
    patience: int = settings.NIGHTLY_STALE_AFTER_SECONDS
    return time.monotonic() + patience


@transaction.atomic(durable=True)
def _work(ours: Claim) -> None:
    row = ours.range
    work = WORK[row.phase]
    finish(ours, work(row.draft, row.first_member_id, row.last_member_id))


def _record(ours: Claim, error: Exception) -> Outcome:
    if is_busy(error):
        release(ours)
        return Outcome.NOT_OURS
    logger.error("A change of the ladder failed in range %s.", ours.range, exc_info=error)
    fail(ours, "".join(traceback.format_exception(error)))
    return Outcome.FAILED
