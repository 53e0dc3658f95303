"""What operators do with events: publish, move, resize, cancel, show a picture."""

from datetime import datetime

from django.db import transaction

from benefits.errors.events import (
    CapacityBelowTaken,
    EventNotADraft,
    EventNotReady,
    RegistrationNeverOpens,
    SessionInPast,
    SessionNotOpen,
    SessionTimesReversed,
)
from benefits.event_notices import tell_of_move
from benefits.models import Event, EventPicture, EventSession, Registration
from benefits.rules.pictures import picture_details
from common import clock
from members.models import User

from .reasons import said_reason
from .seats import lock_session, offer_seats

Status = Event.Status


@transaction.atomic
def publish_event(*, event: Event, now: datetime | None = None) -> Event:
    """Let members see an event and register for it; again changes nothing.

    Refused: one without a session to come (EventNotReady), one for which nobody could ever
    register (RegistrationNeverOpens), or cancelled (EventNotADraft).
    """
    at = now or clock.now()
    event = Event.objects.locked().get(pk=event.pk)
    if event.status == Status.PUBLISHED:
        return event
    if event.status != Status.DRAFT:
        raise EventNotADraft(status=event.get_status_display())
    to_come = list(event.sessions.all().to_come(at).select_related("event"))
    if not to_come:
        raise EventNotReady()
    if event.opens_at and all(session.closes_at <= event.opens_at for session in to_come):
        raise RegistrationNeverOpens()
    event.status, event.published_at = Status.PUBLISHED, at
    event.save(update_fields=["status", "published_at"])
    return event


@transaction.atomic
def cancel_event(
    *, event: Event, operator: User, reason: str, now: datetime | None = None
) -> list[EventSession]:
    """Call an event off, with every session that has not begun; gives these sessions.

    Their places are given back by `settle_cancelled`. Again changes nothing. Refused: a draft
    (EventNotADraft), no reason.
    """
    at, said = now or clock.now(), said_reason(reason)
    event = Event.objects.locked().get(pk=event.pk)
    if event.status == Status.DRAFT:
        raise EventNotADraft(status=event.get_status_display())
    if event.status == Status.PUBLISHED:
        event.status, event.cancelled_at = Status.CANCELLED, at
        event.save(update_fields=["status", "cancelled_at"])
    to_come = event.sessions.all().to_come(at).order_by("pk")
    return [_call_off(lock_session(found.pk), operator, said, at) for found in to_come]


@transaction.atomic
def cancel_session(
    *, session: EventSession, operator: User, reason: str, now: datetime | None = None
) -> EventSession:
    """Call one session off; its places are given back by `settle_cancelled`.

    Again changes nothing. Refused: one that has begun (SessionNotOpen), no reason.
    """
    at, said = now or clock.now(), said_reason(reason)
    session = lock_session(session.pk)
    if not session.is_scheduled:
        return session
    if session.starts_at <= at:
        raise SessionNotOpen()
    return _call_off(session, operator, said, at)


@transaction.atomic
def move_session(
    *,
    session: EventSession,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime | None = None,
) -> EventSession:
    """Have a session that has not begun take place at another time; who has a place is told.

    Seats that were kept for longer than registration now lasts are kept until its end. Refused: a
    session that has begun or was cancelled (SessionNotOpen), an end that is not behind the
    beginning (SessionTimesReversed), a beginning that is over (SessionInPast).
    """
    at = now or clock.now()
    session = lock_session(session.pk)
    if not session.is_scheduled or session.starts_at <= at:
        raise SessionNotOpen()
    if ends_at <= starts_at:
        raise SessionTimesReversed()
    if starts_at <= at:
        raise SessionInPast()
    if (session.starts_at, session.ends_at) == (starts_at, ends_at):
        return session
    session.starts_at, session.ends_at = starts_at, ends_at
    session.moves, session.moved_at = session.moves + 1, at
    session.save(update_fields=["starts_at", "ends_at", "moves", "moved_at"])
    places = Registration.objects.active().filter(session=session)
    places.filter(offered_until__gt=session.closes_at).update(offered_until=session.closes_at)
    places.update(reminded_at=None)
    for place in places.order_by("pk").whole():
        place.session = session
        tell_of_move(place, at=at)
    return session


@transaction.atomic
def set_capacity(
    *, session: EventSession, capacity: int, now: datetime | None = None
) -> EventSession:
    """Give a session another number of seats; new ones are offered to whoever waits.

    Refused: fewer than are taken, or none (CapacityBelowTaken); a session that has begun or was
    cancelled (SessionNotOpen).
    """
    at = now or clock.now()
    session = lock_session(session.pk)
    if not session.is_scheduled or session.starts_at <= at:
        raise SessionNotOpen()
    if capacity < max(1, session.taken):
        raise CapacityBelowTaken(taken=session.taken)
    session.capacity = capacity
    session.save(update_fields=["capacity"])
    offer_seats(session, at)
    return session


@transaction.atomic
def set_event_picture(*, event: Event, content: bytes) -> EventPicture:
    """Show this picture with an event, instead of the one there was.

    Refused: what is no picture (PictureNotReadable), one over 5 MB (PictureTooLarge).
    """
    picture, _made = EventPicture.objects.update_or_create(
        event=event, defaults=picture_details(content)
    )
    return picture


def _call_off(session: EventSession, operator: User, reason: str, at: datetime) -> EventSession:
    session.status = EventSession.Status.CANCELLED
    session.cancelled_at, session.cancelled_by, session.cancel_reason = at, operator, reason
    session.save(update_fields=["status", "cancelled_at", "cancelled_by", "cancel_reason"])
    return session
