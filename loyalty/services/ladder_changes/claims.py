"""Who works on a range: one conditional UPDATE decides; its token fences the outcome."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F

from common import clock
from common.jobs.claims import ClaimLost, is_busy
from common.jobs.owners import dead_among, this_owner
from common.models import JobStatus
from loyalty.models import LadderDraft, LadderDraftRange
from loyalty.models.ladder_drafts import LadderDraftRangeQuerySet

from .figures import summed

Status = LadderDraft.Status


@dataclass(frozen=True)
class Claim:
    """Our right to work on a range, good until somebody else claims it."""

    range: LadderDraftRange
    token: UUID

    def row(self) -> LadderDraftRangeQuerySet:
        """The range, if it is still ours."""
        return LadderDraftRange.objects.filter(
            pk=self.range.pk, token=self.token, status=JobStatus.RUNNING
        )


def claimable(draft: LadderDraft) -> LadderDraftRangeQuerySet:
    """The ranges of what a draft is at that may be claimed now, in their order."""
    ranges = LadderDraftRange.objects.filter(draft=draft, phase=draft.status)
    return _claimable(ranges).order_by("number")


def claim(range_id: int) -> Claim | None:
    """Claim a range; None where another has it, it is done, or SQLite's one writer is busy."""
    token = uuid4()
    try:
        with transaction.atomic(durable=True):
            taken = _claimable(LadderDraftRange.objects.filter(pk=range_id)).update(
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
    row = LadderDraftRange.objects.select_related("draft").filter(pk=range_id).first()
    return Claim(row, token) if taken and row else None


def finish(ours: Claim, counts: dict[str, Any]) -> None:
    """Mark the range done inside the transaction of its effects, and the draft with its last one.

    Raises ClaimLost, for the caller's transaction to roll back, when the range is no longer ours.
    """
    now = clock.now()
    if not ours.row().update(status=JobStatus.DONE, finished_at=now, counts=counts, error=""):
        raise ClaimLost
    # The draft's row is locked from here to the commit, so that exactly one range is the last.
    drafts = LadderDraft.objects.filter(pk=ours.range.draft_id, status=ours.range.phase)
    if not drafts.update(ranges_done=F("ranges_done") + 1):
        raise ClaimLost
    draft = drafts.get()
    if draft.ranges_done < draft.ranges_total:
        return
    if draft.status == Status.PREVIEWING:
        drafts.update(status=Status.PREVIEWED, preview=summed(draft))
    else:
        drafts.update(status=Status.DONE, finished_at=now, applied=summed(draft))


def fail(ours: Claim, error: str) -> None:
    """Record a failure; the draft has stopped when no other range of it waits or is worked on."""
    with transaction.atomic(durable=True):
        ours.row().update(status=JobStatus.FAILED, finished_at=clock.now(), error=error)
        stuck = LadderDraft.objects.stuck().filter(pk=ours.range.draft_id)
        stuck.update(status=Status.FAILED)


def release(ours: Claim) -> None:
    """Give a range back untouched."""
    ours.row().update(status=JobStatus.PENDING, token=None, claimed_by="", claimed_at=None)


def _claimable(ranges: LadderDraftRangeQuerySet) -> LadderDraftRangeQuerySet:
    held = ranges.filter(status=JobStatus.RUNNING).values_list("claimed_by", flat=True)
    return ranges.claimable(
        stale_before=clock.now() - timedelta(seconds=settings.NIGHTLY_STALE_AFTER_SECONDS),
        dead=dead_among(held.distinct()),
    )
