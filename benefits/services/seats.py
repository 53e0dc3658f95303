"""Seats of a session move here: taken, given up, offered to whoever waits; under its lock."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from benefits.errors.events import PlaceNotPossible
from benefits.event_notices import tell_of_place
from benefits.models import EventSession, Registration, RegistrationStep
from common import clock
from members.models import User

Status = Registration.Status


def lock_session(session_id: int) -> EventSession:
    """The session and its event, its row locked: seats and the waitlist wait for it."""
    return EventSession.objects.locked().get(pk=session_id)


def move_place(
    registration: Registration,
    sources: Collection[str],
    target: Status,
    at: datetime,
    *,
    operator: User | None = None,
    note: str = "",
    **values: Any,
) -> Registration:
    """One step by one conditional update, written down. Refused: another status by now."""
    values = {"offered_until": None, "status": target, "changed_at": at} | values
    row = Registration.objects.filter(pk=registration.pk, status__in=sources)
    if not row.update(**values):
        raise PlaceNotPossible(status=registration.get_status_display())
    for name, value in values.items():
        setattr(registration, name, value)
    write_step(registration, operator=operator, note=note)
    return registration


def write_step(
    registration: Registration, *, operator: User | None = None, note: str = ""
) -> RegistrationStep:
    """That a place is in its status since it changed last."""
    return RegistrationStep.objects.create(
        registration=registration,
        status=registration.status,
        at=registration.changed_at,
        operator=operator,
        note=note,
    )


def give_seat(session: EventSession) -> None:
    """Make a seat of a locked session free again."""
    if EventSession.objects.filter(pk=session.pk).give_seat():
        session.taken -= 1


def offer_seats(session: EventSession, at: datetime) -> int:
    """Keep the free seats of a locked session for those who waited, in their order; how many.

    Nothing is offered that nobody could answer any more: a cancelled session's seats, or seats
    that come free when registration has ended.
    """
    until = session.offer_until(at)
    if until is None or not session.is_scheduled or not session.event.is_published:
        return 0
    waiting = list(Registration.objects.waiting_for(session).whole()[: session.free])
    if not waiting or not EventSession.objects.filter(pk=session.pk).take_seats(len(waiting)):
        return 0
    for registration in waiting:
        move_place(registration, [Status.WAITLISTED], Status.OFFERED, at, offered_until=until)
        tell_of_place(registration, at=at)
    return len(waiting)


def lapse_offers(session: EventSession, until: datetime, at: datetime) -> int:
    """Let go of seats of a locked session that were kept until an instant; how many."""
    due = Registration.objects.offers_due(until).filter(session=session).order_by("pk").whole()
    lapsed = list(due)
    for registration in lapsed:
        move_place(registration, [Status.OFFERED], Status.LAPSED, at)
        give_seat(session)
        tell_of_place(registration, at=at)
    return len(lapsed)


@transaction.atomic
def pass_on_seats(
    *, session: EventSession, until: datetime | None = None, now: datetime | None = None
) -> dict[str, int]:
    """Take back the seats whose time to answer was up (by `until`, now by default) and offer every
    free one to whoever is next. Counts both.
    """
    at = now or clock.now()
    locked = lock_session(session.pk)
    lapsed = lapse_offers(locked, until or at, at)
    return {"lapsed": lapsed, "offered": offer_seats(locked, at)}
