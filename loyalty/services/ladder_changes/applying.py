"""Working on the ranges of a draft.

A preview and an application take the same way; what differs is what a range does.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from common import clock
from common.jobs.shared import SharedWork
from common.models import MemberRangeQuerySet
from common.sql import execute_sql, fetch_sql
from loyalty.models import Ladder, LadderDraft, LadderDraftRange, Tier
from loyalty.services.ladder import ladder_version

from .figures import counts_of, judge, list_members, place, summed

Status = LadderDraft.Status
Watch = Callable[[LadderDraft], None]


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
    Status.PREVIEWING: preview_members,
    Status.APPLYING: move_members,
}


class LadderChanges(SharedWork[LadderDraft, LadderDraftRange]):
    """The ranges of drafts that are previewed or applied: those of the phase they are in."""

    def ranges(self) -> MemberRangeQuerySet[LadderDraftRange]:
        return LadderDraftRange.objects.select_related("draft")

    def runs_at_work(self) -> QuerySet[LadderDraft]:
        return LadderDraft.objects.at_work()

    def ranges_of(self, run: LadderDraft) -> MemberRangeQuerySet[LadderDraftRange]:
        return LadderDraftRange.objects.filter(draft=run, phase=run.status)

    def runs_of(self, row: LadderDraftRange) -> QuerySet[LadderDraft]:
        return LadderDraft.objects.filter(pk=row.draft_id, status=row.phase)

    def work(self, row: LadderDraftRange) -> dict[str, Any]:
        return WORK[row.phase](row.draft, row.first_member_id, row.last_member_id)

    def close(self, run: LadderDraft, now: datetime) -> None:
        if run.status == Status.PREVIEWING:
            run.preview, run.status = summed(run), Status.PREVIEWED
            run.save(update_fields=["status", "preview"])
            return
        run.applied, run.status, run.finished_at = summed(run), Status.DONE, now
        run.save(update_fields=["status", "finished_at", "applied"])

    def stop(self, row: LadderDraftRange) -> None:
        LadderDraft.objects.stuck().filter(pk=row.draft_id).update(status=Status.FAILED)


LADDER_CHANGES = LadderChanges()


def work_on_draft(draft: LadderDraft, *, watch: Watch = lambda draft: None) -> LadderDraft:
    """Preview or apply a draft in this process, sharing the work with whoever is at it."""
    return LADDER_CHANGES.work_on(draft, watch=watch)
