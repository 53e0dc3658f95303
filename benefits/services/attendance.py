"""Guests are reminded and let in; what a session leaves behind: no-shows, places to give back."""

from datetime import datetime

from django.db import transaction

from benefits.errors.events import (
    SessionNotOpen,
    TicketNotValid,
    TicketOfAnotherSession,
    TicketUnknown,
    TicketUsed,
)
from benefits.event_notices import remind, tell_of_place
from benefits.models import EventSession, Registration
from benefits.rules import events as rules
from benefits.rules.codes import is_code
from common import clock
from loyalty.models import Trigger
from loyalty.services.activities import record_activity
from members.models import User

from .registrations import cancel_registration
from .seats import give_seat, lock_session, move_place

Status = Registration.Status
# Who is at the door; and who was there though nobody had noticed when the night came.
ADMITTED = (Status.CONFIRMED, Status.NO_SHOW)


@transaction.atomic
def check_in_guest(
    *,
    session: EventSession,
    code: str,
    operator: User | None = None,
    now: datetime | None = None,
) -> Registration:
    """Let in whoever shows a ticket, once, and let the activity earn by the rules in force.

    Refused: no ticket (TicketUnknown), another session's (TicketOfAnotherSession), one that was
    used (TicketUsed) or whose place is not confirmed (TicketNotValid); a session that was
    cancelled (SessionNotOpen); more than 12 hours before it (CheckInNotOpen) or a week after it
    (CheckInOver).
    """
    at = now or clock.now()
    place = ticket_of(session, code)
    if place.status == Status.ATTENDED:
        raise TicketUsed(at=place.changed_at)
    if place.status not in ADMITTED:
        raise TicketNotValid(status=place.get_status_display())
    if not place.session.is_scheduled:
        raise SessionNotOpen()
    if refusal := rules.check_in_refusal(place.session.starts_at, place.session.ends_at, at):
        raise refusal
    # Accounts come before places in the order of locks; whoever was faster has the place by then.
    record_activity(
        member=place.member,
        kind=Trigger.EVENT_ATTENDED,
        key=f"event:{place.pk}",
        at=min(at, place.session.ends_at),
        now=at,
    )
    lock_session(place.session_id)
    place = Registration.objects.whole().locked().get(pk=place.pk)
    if place.status == Status.ATTENDED:
        raise TicketUsed(at=place.changed_at)
    return move_place(place, ADMITTED, Status.ATTENDED, at, operator=operator)


def ticket_of(session: EventSession, text: str) -> Registration:
    """The place of a ticket, however it was typed or read. Refused: none, or another session's."""
    code = rules.ticket_code(text)
    found = Registration.objects.whole().filter(code=code).first() if is_code(code) else None
    if found is None:
        raise TicketUnknown()
    if found.session_id != session.pk:
        other = found.session
        raise TicketOfAnotherSession(event=found.event.name, starts_at=other.starts_at)
    return found


@transaction.atomic
def close_session(
    *, session: EventSession, until: datetime | None = None, now: datetime | None = None
) -> dict[str, int]:
    """Write down who did not come to a session that was over by `until` (now by default), and let
    go of who still waited. Counts both. Who did not come keeps the seat and has the points spent.
    """
    at = now or clock.now()
    session = lock_session(session.pk)
    if session.ends_at > (until or at) or not session.is_scheduled:
        return {"no_shows": 0, "lapsed": 0}
    places = Registration.objects.whole()
    absent = list(places.ending_with(session, [Status.CONFIRMED]))
    for place in absent:
        move_place(place, [Status.CONFIRMED], Status.NO_SHOW, at)
    waiting = list(places.ending_with(session, [Status.WAITLISTED, Status.OFFERED]))
    for place in waiting:
        if place.status == Status.OFFERED:
            give_seat(session)
        move_place(place, [place.status], Status.LAPSED, at)
        tell_of_place(place, at=at)
    return {"no_shows": len(absent), "lapsed": len(waiting)}


@transaction.atomic
def remind_guests(*, session: EventSession, now: datetime | None = None) -> int:
    """Remind who has a seat in a session that is near, once for each time that it has; how many."""
    at = now or clock.now()
    session = lock_session(session.pk)
    if not session.is_scheduled or session.remind_at is None:
        return 0
    if not session.remind_at <= at < session.starts_at:
        return 0
    places = Registration.objects.unreminded(session)
    guests = list(places.order_by("pk").whole())
    for place in guests:
        place.session = session
        remind(place, at=at)
    places.filter(pk__in=[place.pk for place in guests]).update(reminded_at=at)
    return len(guests)


def settle_cancelled(*, place: Registration, now: datetime | None = None) -> Registration:
    """Give back the place of a session that was called off, in the name of who did so."""
    session = place.session
    return cancel_registration(
        registration=place,
        operator=session.cancelled_by,
        reason=session.cancel_reason,
        now=now,
    )
