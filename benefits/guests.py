"""What decides about a member in front of events: tier, segments, and the places they have."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from benefits.errors.events import EventRefusal
from benefits.models import Event, EventSession, Registration
from benefits.rules import events as rules
from common import clock
from loyalty.models import Tier
from loyalty.services.overrides import tier_held
from members.models import Member, SegmentMembership


@dataclass(frozen=True)
class EventGuest:
    """A member at an instant; `places` are the events that they have a place in or wait for."""

    member: Member
    at: datetime
    tier: int | None
    rank: int | None
    segments: frozenset[int]
    places: frozenset[int]

    def refusal_of(self, session: EventSession) -> EventRefusal | None:
        """Why they can neither have a seat nor wait for one; points aside."""
        guest = rules.Guest(
            tier=self.tier,
            rank=self.rank,
            segments=self.segments,
            is_registered=session.event_id in self.places,
        )
        invitation = session.event.invitation()
        return rules.refusal_of(invitation, session.sitting(), guest, self.at)

    def opens_at(self, event: Event) -> datetime | None:
        """When registration opens for them; None where it is open already."""
        opening = rules.opens_for(event.invitation(), self.rank)
        return opening if opening and opening > self.at else None


def guest_of(
    member: Member, events: Iterable[Event], at: datetime, tier: Tier | None = None
) -> EventGuest:
    """The member in front of these events; as many queries for any number of them.

    `tier` is the one that they hold, where it is at hand.
    """
    tier = tier or tier_held(member, at)
    ids = [event.pk for event in events]
    places = Registration.objects.active().filter(member=member, event__in=ids)
    return EventGuest(
        member=member,
        at=at,
        tier=tier.pk if tier else None,
        rank=tier.rank if tier else None,
        segments=SegmentMembership.objects.segment_ids(member.pk, clock.business_date(at)),
        places=frozenset(places.values_list("event", flat=True)),
    )
