"""Events and guests for tests, made of what operators and services write."""

from datetime import datetime, timedelta
from typing import Any

from benefits.models import Event, EventSession, EventWindow, Registration
from benefits.services.events import publish_event
from benefits.services.registrations import accept_offer, join_waitlist, register_member
from loyalty.models import EarningRule, PointType, Tier
from loyalty.services.overrides import grant_override
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.programmes import earning_rule

from .offers import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# Ten days after noon, for two hours.
BEGINS = NOON + 10 * DAY
ENDS = BEGINS + 2 * HOUR


def draft(**details: Any) -> Event:
    """A free tasting in a store, unless told otherwise."""
    filled = {"name_en": "Tea tasting", "name_zh": "品茶会", "place_en": "Jing'an store", **details}
    return Event.objects.create(**filled)


def session_of(
    event: Event, capacity: int = 2, starts_at: datetime = BEGINS, hours: int = 2
) -> EventSession:
    return EventSession.objects.create(
        event=event, starts_at=starts_at, ends_at=starts_at + hours * HOUR, capacity=capacity
    )


def event(
    capacity: int = 2, *, starts_at: datetime = BEGINS, now: datetime = NOON, **details: Any
) -> EventSession:
    """The only session of an event that was published at noon."""
    session = session_of(draft(**details), capacity, starts_at)
    publish_event(event=session.event, now=now)
    return EventSession.objects.select_related("event").get(pk=session.pk)


def event_window(session: EventSession, tier: Tier, opens_at: datetime) -> EventWindow:
    return EventWindow.objects.create(event=session.event, tier=tier, opens_at=opens_at)


def registered(
    member: Member, session: EventSession, key: str = "k", *, now: datetime = NOON, **asked: Any
) -> Registration:
    """The seat of a member who registered at noon."""
    return register_member(session=session, member=member, key=key, now=now, **asked)


def waiting(
    member: Member, session: EventSession, key: str = "k", *, now: datetime = NOON
) -> Registration:
    """The place of a member who joined the waitlist at noon."""
    return join_waitlist(session=session, member=member, key=key, now=now)


def accepted(place: Registration, *, now: datetime = NOON) -> Registration:
    return accept_offer(registration=place, now=now)


def full(capacity: int = 1, **details: Any) -> tuple[EventSession, list[Registration]]:
    """A session whose seats are all taken, and the places that took them."""
    session = event(capacity, **details)
    places = [registered(MemberFactory.create(), session) for _seat in range(capacity)]
    return session, places


def guest_on(tier: Tier) -> Member:
    """A member who was given a tier; the lowest is everyone's."""
    member: Member = MemberFactory.create()
    if tier.rank:
        grant_override(
            member=member,
            kind="operator",
            tier=tier,
            ends_at=BEGINS + DAY,
            reason="A guest",
            key="guest",
            now=NOON - DAY,
        )
    return member


def attendance_rule(points: int = 20) -> EarningRule:
    """So many base points for each event attended."""
    kind = PointType.objects.base()
    return earning_rule(
        kind, points=points, per_amount=None, trigger="event_attended", code="attended"
    )


def fresh(row: Any) -> Any:
    """The row as it is now."""
    return type(row).objects.get(pk=row.pk)
