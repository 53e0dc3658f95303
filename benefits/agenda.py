"""What the portal shows a member of events: what is coming, one event, and their own places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from benefits.catalogue import spendable_of
from benefits.errors.events import EventPointsMissing, EventRefusal
from benefits.guests import EventGuest, guest_of
from benefits.models import Event, EventSession, Registration
from loyalty.models import Tier
from members.models import Member

PLACES_SHOWN = 50

OWN, OPEN, WAITLIST, SOON, CLOSED = "own", "open", "waitlist", "soon", "closed"
# What a list shows first: own places, what can be had, what can be waited for, what opens later.
STATES = (OWN, OPEN, WAITLIST, SOON, CLOSED)


@dataclass(frozen=True)
class ShownSession:
    """A session as one member sees it: a seat to have, a waitlist to join, or why neither."""

    session: EventSession
    refusal: EventRefusal | None
    opens_at: datetime | None

    @property
    def state(self) -> str:
        """open, waitlist, soon where only time is missing, or closed."""
        if self.refusal is None:
            return OPEN if self.session.free else WAITLIST
        return SOON if self.refusal.code == "not_started" else CLOSED

    @property
    def is_full(self) -> bool:
        return self.session.free == 0


@dataclass(frozen=True)
class ShownEvent:
    """An event as one member sees it. `place` is their own, where they have one or wait."""

    event: Event
    sessions: Sequence[ShownSession]
    place: Registration | None
    spendable: int

    @property
    def state(self) -> str:
        """The best that there is among its sessions, or that the member has a place."""
        return OWN if self.place else self.best.state

    @property
    def best(self) -> ShownSession:
        """The session that tells most: the first one of the best state."""
        return min(self.sessions, key=lambda shown: STATES.index(shown.state))

    @property
    def first(self) -> EventSession:
        """The next date: the member's own, or the first that is shown."""
        return self.place.session if self.place else self.best.session

    @property
    def points_missing(self) -> EventPointsMissing | None:
        """What a seat costs more than the member has; None where the points suffice."""
        missing = self.event.points - self.spendable
        return EventPointsMissing(missing=missing) if missing > 0 else None

    @property
    def points_left(self) -> int:
        """What the member has to spend after it."""
        return self.spendable - self.event.points


@dataclass(frozen=True)
class ShownPlace:
    """A member's own place with what they can still do about it."""

    place: Registration
    # How many of the waitlist it stands behind, itself included; 0 where it does not wait.
    line: int
    is_cancellable: bool
    is_acceptable: bool
    spendable: int

    @property
    def points_left(self) -> int:
        return self.spendable - self.place.points

    @property
    def points_missing(self) -> EventPointsMissing | None:
        missing = self.place.points - self.spendable
        return EventPointsMissing(missing=missing) if missing > 0 else None


def agenda_of(member: Member, at: datetime) -> list[ShownEvent]:
    """Every event to come for the member, by what they can do and then by date; as many queries
    for any number of them.
    """
    events = list(Event.objects.coming(at).whole())
    shown = _shown(events, member, at)
    return sorted(shown, key=lambda found: (STATES.index(found.state), found.first.starts_at))


def next_of(
    member: Member, at: datetime, *, spendable: int, tier: Tier | None
) -> ShownEvent | None:
    """What the home page tells a member who has so many points: a seat that waits for an answer,
    else their next place, else what they can register for now or later; None for nothing.
    """
    events = list(Event.objects.coming(at).whole())
    shown = _shown(events, member, at, spendable, tier)
    return min((found for found in shown if found.state != CLOSED), key=_urgency, default=None)


def shown_event(event: Event, member: Member, at: datetime) -> ShownEvent:
    """One event with its sessions for the member at an instant."""
    return _shown([event], member, at)[0]


def places_of(member: Member) -> list[Registration]:
    """The member's places, those that wait with their place in line, the newest first."""
    return list(Registration.objects.for_member(member).with_place_in_line()[:PLACES_SHOWN])


def shown_place(place: Registration, at: datetime, spendable: int) -> ShownPlace:
    """One place, read with its place in line."""
    is_offered = place.status == Registration.Status.OFFERED
    until = place.offered_until
    return ShownPlace(
        place=place,
        line=place.line if place.status == Registration.Status.WAITLISTED else 0,  # type: ignore[attr-defined]
        is_cancellable=place.is_cancellable(at),
        is_acceptable=is_offered and until is not None and at < until,
        spendable=spendable,
    )


def _urgency(shown: ShownEvent) -> tuple[int, int, datetime]:
    is_offer = shown.place is not None and shown.place.status == Registration.Status.OFFERED
    return (STATES.index(shown.state), 0 if is_offer else 1, shown.first.starts_at)


def _shown(
    events: Sequence[Event],
    member: Member,
    at: datetime,
    spendable: int | None = None,
    tier: Tier | None = None,
) -> list[ShownEvent]:
    if not events:
        return []
    guest = guest_of(member, events, at, tier)
    own = Registration.objects.upcoming(member, at).filter(event__in=events)
    places = {place.event_id: place for place in own.with_place_in_line()}
    if spendable is None:
        spendable = spendable_of(member, at) if any(event.points for event in events) else 0
    told = partial(_sessions, guest=guest)
    return [
        ShownEvent(event=event, sessions=sessions, place=places.get(event.pk), spendable=spendable)
        for event in events
        if (sessions := told(event))
    ]


def _sessions(event: Event, guest: EventGuest) -> list[ShownSession]:
    """The sessions that are not over; all of them where every one is."""
    found: Iterable[EventSession] = event.sessions.all()
    listed = [session for session in found if session.ends_at > guest.at] or list(found)
    for session in listed:
        # The row at hand, with its windows, tiers and segments, instead of one more query each.
        session.event = event
    return [
        ShownSession(
            session=session,
            refusal=guest.refusal_of(session),
            opens_at=guest.opens_at(event),
        )
        for session in listed
    ]
