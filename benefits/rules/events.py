"""Who may register for an event and from when on; until when a seat is kept; what a ticket is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from benefits.errors.events import (
    AlreadyRegistered,
    CheckInNotOpen,
    CheckInOver,
    EventCancelled,
    EventClosed,
    EventFull,
    EventNotForSegment,
    EventNotForTier,
    EventNotFound,
    EventNotOpen,
    EventOver,
    EventRefusal,
)
from common.errors import DomainError

from .codes import plain_code

# Guests come early; and who was forgotten at the door is put right within a week.
CHECK_IN_BEFORE = timedelta(hours=12)
CHECK_IN_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom an event is for. Empty tiers and segments: for everyone.

    `windows` are ranks and the instants from which members of them and above may register;
    `opens_at` is everyone's, None from the beginning.
    """

    is_published: bool
    opens_at: datetime | None
    windows: Sequence[tuple[int, datetime]]
    tiers: frozenset[int]
    segments: frozenset[int]


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session of it: registration ends at `closes_at`, before which `free` seats may be had."""

    is_cancelled: bool
    closes_at: datetime
    ends_at: datetime
    free: int
    has_waitlist: bool


@dataclass(frozen=True, slots=True)
class Guest:
    """Who asks: tier and its rank (None without a ladder), segments, and whether they have a
    place in the event or wait for one."""

    tier: int | None
    rank: int | None
    segments: frozenset[int]
    is_registered: bool


def opens_for(invitation: Invitation, rank: int | None) -> datetime | None:
    """From when on members of a rank may register; None from the beginning."""
    if invitation.opens_at is None:
        return None
    ours = [at for lowest, at in invitation.windows if rank is not None and lowest <= rank]
    return min([invitation.opens_at, *ours])


def refusal_of(
    invitation: Invitation, sitting: Sitting, guest: Guest, at: datetime
) -> EventRefusal | None:
    """Why this guest can neither have a seat nor wait for one; None where one of them is so.

    A full session is refused only where there is no waitlist.
    """
    if not invitation.is_published:
        return EventNotFound()
    if sitting.is_cancelled:
        return EventCancelled()
    if sitting.ends_at <= at:
        return EventOver()
    if invitation.tiers and guest.tier not in invitation.tiers:
        return EventNotForTier()
    if invitation.segments and not invitation.segments & guest.segments:
        return EventNotForSegment()
    if guest.is_registered:
        return AlreadyRegistered()
    if sitting.closes_at <= at:
        return EventClosed(closed_at=sitting.closes_at)
    opening = opens_for(invitation, guest.rank)
    if opening and opening > at:
        return EventNotOpen(opens_at=opening)
    if sitting.free <= 0 and not sitting.has_waitlist:
        return EventFull()
    return None


def offer_until(at: datetime, *, hours: int, closes_at: datetime) -> datetime | None:
    """Until before when a seat that came free is kept for who waited; None where it is too late."""
    until = min(at + timedelta(hours=hours), closes_at)
    return until if until > at else None


def check_in_refusal(starts_at: datetime, ends_at: datetime, at: datetime) -> DomainError | None:
    """Why nobody is checked in now; None from 12 hours before the start until a week after."""
    opens_at, closed_at = starts_at - CHECK_IN_BEFORE, ends_at + CHECK_IN_AFTER
    if at < opens_at:
        return CheckInNotOpen(opens_at=opens_at)
    if at >= closed_at:
        return CheckInOver(closed_at=closed_at)
    return None


def ticket_code(text: str) -> str:
    """A ticket's code out of what was typed or read: the code itself, or an address that has it."""
    asked = parse_qs(urlsplit(text.strip()).query) if "?" in text else {}
    return plain_code(asked["code"][0] if "code" in asked else text)
