"""Members come to a place at an event and give it up; points and seats move together."""

from datetime import datetime

from django.db import transaction
from django.db.models import prefetch_related_objects

from benefits.errors import OrderReasonMissing, PriceChanged
from benefits.errors.events import (
    CancelClosed,
    EventFull,
    OfferOver,
    PlaceNotPossible,
    SeatFree,
)
from benefits.event_notices import is_reminded_by_now, tell_of_cancelled, tell_of_place
from benefits.guests import EventGuest, guest_of
from benefits.models import EventSession, Registration
from common import clock
from loyalty.errors import KeyReused
from loyalty.models import PointsEntry
from loyalty.services.ledger import check_reason, check_words, lock_base_account
from loyalty.services.points import redeem_points, restore_rest
from members.models import Member, User

from .seats import give_seat, lock_session, move_place, offer_seats, write_step

Status = Registration.Status


@transaction.atomic
def register_member(
    *,
    session: EventSession,
    member: Member,
    key: str,
    points: int | None = None,
    operator: User | None = None,
    now: datetime | None = None,
) -> Registration:
    """Give a member a seat in a session and take its price in points; once for each key.

    `points` is the price that was confirmed; an operator may do it for them. Refused: any
    `EventRefusal`, also when the last seat went or others wait for one (EventFull), another price
    by now (PriceChanged), what `redeem_points` refuses.
    """
    at = now or clock.now()
    check_words(key=f"registration:{key}")
    lock_base_account(member)
    if replayed := Registration.objects.made_by(member, key):
        return _same(replayed, session, key)
    session, guest = _invited(session, member, at)
    if points not in (None, session.event.points):
        raise PriceChanged(points=session.event.points)
    entry = _pay(session, member, session.event.points, f"registration:{key}", at)
    session = _locked_for(guest, session)
    if _is_waited_for(session) or not EventSession.objects.filter(pk=session.pk).take_seats(1):
        raise EventFull()
    registration = _write(session, guest, key, Status.CONFIRMED, entry, operator)
    tell_of_place(registration, at=at)
    return registration


@transaction.atomic
def join_waitlist(
    *,
    session: EventSession,
    member: Member,
    key: str,
    operator: User | None = None,
    now: datetime | None = None,
) -> Registration:
    """Have a member wait for a seat, by tier and then by time; once for each key. Costs nothing
    until a seat is accepted.

    Refused: any `EventRefusal`, and a session with a seat for them (SeatFree).
    """
    at = now or clock.now()
    check_words(key=f"registration:{key}")
    lock_base_account(member)
    if replayed := Registration.objects.made_by(member, key):
        return _same(replayed, session, key)
    session, guest = _invited(session, member, at)
    session = _locked_for(guest, session)
    if session.free and not _is_waited_for(session):
        raise SeatFree()
    if not session.event.has_waitlist:
        raise EventFull()
    return _write(session, guest, key, Status.WAITLISTED, None, operator)


@transaction.atomic
def accept_offer(*, registration: Registration, now: datetime | None = None) -> Registration:
    """Take the seat that was kept, at the price of the registration; again changes nothing.

    Refused: nothing is kept (PlaceNotPossible), too late (OfferOver), what `redeem_points` refuses.
    """
    at = now or clock.now()
    lock_base_account(registration.member)
    place = Registration.objects.whole().get(pk=registration.pk)
    if place.status == Status.CONFIRMED:
        return place
    _check_offered(place, at)
    entry = _pay(place.session, place.member, place.points, f"registration-accepted:{place.pk}", at)
    session, place = _locked(place)
    _check_offered(place, at)
    reminded_at = at if is_reminded_by_now(session, at) else None
    move_place(place, [Status.OFFERED], Status.CONFIRMED, at, entry=entry, reminded_at=reminded_at)
    tell_of_place(place, at=at)
    return place


@transaction.atomic
def cancel_registration(
    *,
    registration: Registration,
    operator: User | None = None,
    reason: str = "",
    now: datetime | None = None,
) -> Registration:
    """Give a place up: points into their lots, the seat to whoever waits; again changes nothing.

    A member may until the event's deadline, and until the start while nothing is confirmed or
    after a move (CancelClosed); an operator, with a reason, until guests came or did not. Refused:
    a place that is over (PlaceNotPossible).
    """
    at, said = now or clock.now(), reason.strip()
    check_reason(said)
    if operator and not said:
        raise OrderReasonMissing()
    lock_base_account(registration.member)
    place = Registration.objects.whole().get(pk=registration.pk)
    if place.status == Status.CANCELLED:
        return place
    _check_cancellable(place, operator, at)
    restored = _restore(place, operator, at)
    session, place = _locked(place)
    _check_cancellable(place, operator, at)
    return _give_up(session, place, restored, operator=operator, reason=said, at=at)


@transaction.atomic
def give_up_places(*, member: Member, now: datetime | None = None) -> int:
    """Give up every place of a member who is being erased, at any time; gives how many.

    Points come back and seats go to whoever waits, as when a member cancels.
    """
    at = now or clock.now()
    places = Registration.objects.active().filter(member=member).order_by("session", "pk")
    if not places.exists():
        return 0
    lock_base_account(member)
    given_up = 0
    for found in places:
        session, place = _locked(found)
        if place.is_active:
            restored = _restore(place, None, at)
            _give_up(session, place, restored, operator=None, reason="", at=at)
            given_up += 1
    return given_up


def _give_up(
    session: EventSession,
    place: Registration,
    restored: PointsEntry | None,
    *,
    operator: User | None,
    reason: str,
    at: datetime,
) -> Registration:
    had_seat = place.holds_seat
    move_place(
        place,
        [place.status],
        Status.CANCELLED,
        at,
        operator=operator,
        note=reason,
        restored_by=restored,
    )
    if operator or not session.is_scheduled:
        tell_of_cancelled(place, reason=reason or session.cancel_reason, at=at)
    if had_seat:
        give_seat(session)
        offer_seats(session, at)
    return place


def _check_cancellable(place: Registration, operator: User | None, at: datetime) -> None:
    """Refuse what is over and, of members, what is too late; with its session and event."""
    if not place.is_active:
        raise PlaceNotPossible(status=place.get_status_display())
    if operator is None and place.session.is_scheduled and not place.is_cancellable(at):
        raise CancelClosed(until=place.cancel_until())


def _restore(place: Registration, operator: User | None, at: datetime) -> PointsEntry | None:
    """Give back what the place took in points, where it took any."""
    if place.entry is None:
        return None
    return restore_rest(
        redemption=place.entry,
        key=f"registration-cancelled:{place.pk}",
        reason=place.event.name,
        operator=operator,
        now=at,
    )


def _same(registration: Registration, session: EventSession, key: str) -> Registration:
    if registration.session_id != session.pk:
        raise KeyReused(key=key)
    return registration


def _invited(
    session: EventSession, member: Member, at: datetime
) -> tuple[EventSession, EventGuest]:
    """The session as it is now, unless it is not the member's to have a place in."""
    found = EventSession.objects.select_related("event").get(pk=session.pk)
    prefetch_related_objects([found.event], "windows__tier", "tiers", "segments")
    guest = guest_of(member, [found.event], at)
    if refusal := guest.refusal_of(found):
        raise refusal
    return found, guest


def _locked_for(guest: EventGuest, session: EventSession) -> EventSession:
    """The session, locked, unless by now it is not the guest's to have a place in.

    Everyone who wants one of its seats waits for this row: whatever can be done before is done.
    """
    locked = lock_session(session.pk)
    locked.event = session.event
    if refusal := guest.refusal_of(locked):
        raise refusal
    return locked


def _check_offered(place: Registration, at: datetime) -> None:
    """Refuse what is not kept for an answer, or not any more; with its session."""
    is_offered = place.status == Status.OFFERED and place.session.is_scheduled
    if not is_offered or place.offered_until is None:
        raise PlaceNotPossible(status=place.get_status_display())
    if place.offered_until <= at:
        raise OfferOver(until=place.offered_until)


def _is_waited_for(session: EventSession) -> bool:
    """Whether a free seat is somebody's who waits for it: newcomers queue behind them."""
    return Registration.objects.waiting_for(session).exists()


def _pay(
    session: EventSession, member: Member, points: int, key: str, at: datetime
) -> PointsEntry | None:
    if not points:
        return None
    return redeem_points(member=member, points=points, key=key, reason=session.event.name, now=at)


def _locked(registration: Registration) -> tuple[EventSession, Registration]:
    session = lock_session(registration.session_id)
    place = Registration.objects.whole().locked().get(pk=registration.pk)
    place.session, place.event = session, session.event
    return session, place


def _write(
    session: EventSession,
    guest: EventGuest,
    key: str,
    status: Status,
    entry: PointsEntry | None,
    operator: User | None,
) -> Registration:
    has_word = status == Status.CONFIRMED and is_reminded_by_now(session, guest.at)
    registration = Registration.objects.create(
        event=session.event,
        session=session,
        member=guest.member,
        key=key,
        status=status,
        rank=guest.rank or 0,
        points=session.event.points,
        entry=entry,
        registered_at=guest.at,
        changed_at=guest.at,
        reminded_at=guest.at if has_word else None,
    )
    write_step(registration, operator=operator)
    return registration
