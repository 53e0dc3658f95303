"""Members are forgotten: asked for, thought over for some days, carried out by a night."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from common import clock
from members.errors import (
    ErasureAsked,
    ErasureDone,
    ErasureReasonMissing,
    ErasureTakenBack,
    MemberClosed,
)
from members.models import ErasureRequest, Member, User
from members.notice_kinds import ERASURE_ASKED

from . import write_notice
from .forgetting import end_sessions_of_nobody

LONGEST_REASON = 500


@transaction.atomic
def request_erasure(
    *,
    member: Member,
    key: str,
    operator: User | None = None,
    reason: str = "",
    now: datetime | None = None,
) -> ErasureRequest:
    """Ask for a member to be erased, `ERASURE_COOLING_DAYS` full days after today.

    The member is told, and asking again while a request is open changes nothing. Refused: an
    operator without a reason, or beside an open request (ErasureAsked); a closed membership.
    """
    at = now or clock.now()
    locked = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    if known := ErasureRequest.objects.filter(member=locked, key=key).first():
        return known
    said = _reason(reason) if operator else ""
    if locked.is_closed:
        raise MemberClosed
    if opened := ErasureRequest.objects.of(locked):
        if operator:
            raise ErasureAsked(on=opened.last_day)
        return opened
    request = ErasureRequest(
        member=locked, key=key, asked_at=at, due_at=due_at(at), operator=operator, reason=said
    )
    request.save(force_insert=True)
    write_notice(
        member=locked,
        kind=ERASURE_ASKED,
        key=f"{ERASURE_ASKED}:{request.pk}",
        params={"last_day": request.last_day.isoformat()},
        at=at,
    )
    return request


def due_at(at: datetime) -> datetime:
    """From when on a night carries out what is asked for at an instant."""
    today = clock.business_date(at)
    return clock.start_of(today + timedelta(days=settings.ERASURE_COOLING_DAYS + 1))


@transaction.atomic
def cancel_erasure(
    *, request: ErasureRequest, operator: User | None = None, now: datetime | None = None
) -> ErasureRequest:
    """Take a request back; taken back again it changes nothing.

    Possible until the night has carried it out, be that late. Refused: what is carried out
    (ErasureDone).
    """
    held = ErasureRequest.objects.locked().get(pk=request.pk)
    if held.cancelled_at is not None:
        return held
    if held.erased_at is not None:
        raise ErasureDone()
    held.cancelled_at, held.cancelled_by = now or clock.now(), operator
    held.save(update_fields=["cancelled_at", "cancelled_by"])
    return held


@transaction.atomic
def erase_member(*, request: ErasureRequest, now: datetime | None = None) -> ErasureRequest:
    """Carry a request out: every app of `MEMBER_ERASURE` forgets its part, in that order.

    All of it or nothing; carried out again it changes nothing. Refused: what was taken back
    (ErasureTakenBack).
    """
    held = ErasureRequest.objects.locked().get(pk=request.pk)
    if held.erased_at is not None:
        return held
    if held.cancelled_at is not None:
        raise ErasureTakenBack()
    at = now or clock.now()
    _forget(held.member_id, at)
    held.erased_at = at
    held.save(update_fields=["erased_at"])
    return held


@transaction.atomic
def sweep_member(*, request: ErasureRequest, now: datetime | None = None) -> ErasureRequest:
    """Forget once more what was written while the member was being erased; once."""
    held = ErasureRequest.objects.locked().get(pk=request.pk)
    if held.erased_at is None or held.swept_at is not None:
        return held
    at = now or clock.now()
    _forget(held.member_id, at)
    held.swept_at = at
    held.save(update_fields=["swept_at"])
    return held


@transaction.atomic
def erase_at_once(
    *, member: Member, operator: User, reason: str, key: str, now: datetime | None = None
) -> ErasureRequest:
    """An operator erases a member without the days to think again: there is no way back.

    An open request is carried out under its own key. Refused: no reason, a closed membership.
    """
    said = _reason(reason)
    request = ErasureRequest.objects.of(member) or request_erasure(
        member=member, key=key, operator=operator, reason=said, now=now
    )
    erased = erase_member(request=request, now=now)
    end_sessions_of_nobody()
    return erased


def _forget(member_id: int, at: datetime) -> None:
    """Run every app's part under the locks of the member and of all who were merged into them.

    The merged ones first: what they still hold is forfeited where it lies.
    """
    person = Q(pk=member_id) | Q(merged_into=member_id)
    members = list(Member.objects.select_for_update(no_key=True).filter(person).order_by("pk"))
    for member in sorted(members, key=lambda one: one.pk == member_id):
        for path in settings.MEMBER_ERASURE:
            import_string(path)(member=member, at=at)


def _reason(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST_REASON:
        raise ErasureReasonMissing(longest=LONGEST_REASON)
    return said
