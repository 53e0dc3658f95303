"""Two memberships of one person become one, and apart again: one row says so, each app its part."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from common import clock
from members.errors import (
    ErasureAsked,
    MergeNotAlone,
    MergeOfClosed,
    MergeOfOperator,
    MergeReasonMissing,
    MergeWithErased,
    MergeWithItself,
)
from members.merging import merge_parts
from members.models import ErasureRequest, Member, MemberMerge, User
from members.notice_kinds import MERGE_UNDONE, MERGED

from . import write_notice
from .taking_over import give_back, take_over

LONGEST_REASON = 500


@transaction.atomic
def merge_members(
    *,
    kept: Member,
    merged: Member,
    operator: User,
    reason: str,
    key: str,
    now: datetime | None = None,
) -> MemberMerge:
    """Make a membership part of another one of the same person; the same key again changes nothing.

    Both ledgers stay. What can still be spent, debt and other balances move by entries, contacts
    and consents that the kept member lacks are taken over, and the merged card and contacts stand
    for the kept member. Refused: no reason, a member with themselves, one that is closed, erased
    or about to be, one that takes part in another merge, a merged operator whose login would end,
    and what an app refuses.
    """
    at = now or clock.now()
    said = _reason(reason)
    if kept.pk == merged.pk:
        raise MergeWithItself
    into, gone = _locked(kept, merged)
    if known := MemberMerge.objects.filter(merged=gone, key=key).first():
        return known
    _refuse(into, gone, at)
    merge = MemberMerge(
        kept=into,
        merged=gone,
        key=key,
        merged_at=at,
        operator=operator,
        reason=said,
        status_before=gone.status,
        taken_over={},
    )
    merge.save(force_insert=True)
    merge.taken_over = take_over(into, gone, at=at)
    merge.save(update_fields=["taken_over"])
    gone.status, gone.merged_into = Member.Status.CLOSED, into
    gone.save(update_fields=["status", "merged_into"])
    for part in merge_parts():
        part.merge(merge, at)
    write_notice(member=into, kind=MERGED, key=f"{MERGED}:{merge.pk}", params={}, at=at)
    return merge


@transaction.atomic
def undo_merge(
    *, merge: MemberMerge, operator: User, reason: str, now: datetime | None = None
) -> MemberMerge:
    """Make two members of one again; undone again it changes nothing.

    What came from the merged member goes back as far as it is still there: points that were spent
    meanwhile are owed by the kept member, or left to them, by the kind's policy for refunds.
    What happened in between stays the kept member's. Refused: no reason, an erased member, one who
    is about to be erased.
    """
    at = now or clock.now()
    said = _reason(reason)
    into, gone = _locked(merge.kept, merge.merged)
    held = MemberMerge.objects.locked().get(pk=merge.pk)
    if held.undone_at is not None:
        return held
    _refuse_erasure(into, gone)
    held.kept, held.merged = into, gone
    gone.status, gone.merged_into = held.status_before, None
    gone.save(update_fields=["status", "merged_into"])
    give_back(held, at=at)
    held.undone_at, held.undone_by, held.undo_reason = at, operator, said
    held.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    for part in merge_parts():
        part.undo(held, at)
    for member in (into, gone):
        write_notice(
            member=member, kind=MERGE_UNDONE, key=f"{MERGE_UNDONE}:{held.pk}", params={}, at=at
        )
    return held


def refuse_merge(kept: Member, merged: Member, at: datetime) -> None:
    """Say before anything is locked what `merge_members` would refuse."""
    if kept.pk == merged.pk:
        raise MergeWithItself
    _refuse(kept, merged, at)


def _locked(kept: Member, merged: Member) -> tuple[Member, Member]:
    """Both members as locks, in the order in which everybody locks members."""
    rows = Member.objects.select_for_update(no_key=True).filter(pk__in=(kept.pk, merged.pk))
    by_id = {member.pk: member for member in rows.order_by("pk")}
    return by_id[kept.pk], by_id[merged.pk]


def _refuse(kept: Member, merged: Member, at: datetime) -> None:
    _refuse_erasure(kept, merged)
    involved = Q(kept__in=(kept, merged)) | Q(merged__in=(kept, merged))
    taken = MemberMerge.objects.live().filter(involved)
    # Several may be merged into one; but who is merged is nobody's target, and the other way round.
    if taken.exclude(kept=kept).exists():
        raise MergeNotAlone
    if kept.is_closed or merged.is_closed:
        raise MergeOfClosed
    if merged.user and merged.user.is_operator and kept.user_id is not None:
        raise MergeOfOperator
    for part in merge_parts():
        part.refuse(kept, merged, at)


def _refuse_erasure(*members: Member) -> None:
    asked = ErasureRequest.objects.filter(member__in=members, cancelled_at__isnull=True)
    for request in asked.order_by("pk"):
        if request.erased_at is not None:
            raise MergeWithErased
        raise ErasureAsked(on=request.last_day)


def _reason(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST_REASON:
        raise MergeReasonMissing(longest=LONGEST_REASON)
    return said
