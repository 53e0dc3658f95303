"""What members do in the portal: kept only of those who agreed, and not for ever."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from analytics.models import BehaviourDay, BehaviourEvent
from common import clock
from members.models import Consent, Member
from members.services import record_consent

ROWS = 10_000
SOURCE = "portal"


@dataclass(frozen=True)
class Seen:
    """One event as the page told it: a known name, a path, and what was clicked."""

    name: str
    page: str
    target: str = ""


@transaction.atomic
def record_behaviour(*, member: Member, events: Sequence[Seen], now: datetime | None = None) -> int:
    """Keep events of a member who agreed to visit statistics; gives how many were kept.

    Nothing without the consent, nor beyond BEHAVIOUR_EVENTS_A_DAY: what would exceed it is
    dropped as a whole.
    """
    at = now or clock.now()
    if not events or not has_agreed(member):
        return 0
    day = clock.business_date(at)
    if not BehaviourDay.objects.all().open_for(member, day).take(len(events)):
        return 0
    BehaviourEvent.objects.bulk_create(
        BehaviourEvent(
            member=member,
            name=event.name,
            page=event.page,
            target=event.target,
            at=at,
            business_date=day,
        )
        for event in events
    )
    return len(events)


def has_agreed(member: Member) -> bool:
    """Whether the member's last word on visit statistics was yes."""
    return bool(Consent.objects.current(member).get(Consent.Channel.VISITS))


@transaction.atomic
def decide_on_visits(*, member: Member, is_granted: bool, now: datetime | None = None) -> Consent:
    """Keep what a member says about visit statistics; a no also erases what was recorded."""
    at = now or clock.now()
    consent = record_consent(
        member=member,
        channel=Consent.Channel.VISITS,
        is_granted=is_granted,
        source=SOURCE,
        at=at,
    )
    if not is_granted:
        forget_member(member)
    return consent


def forget_member(member: Member) -> int:
    """Erase all that was recorded of what a member did in the portal; gives how many events."""
    BehaviourDay.objects.filter(member=member).delete()
    return BehaviourEvent.objects.filter(member=member).delete()[0]


def forget_before(day: date) -> int:
    """Erase events and counts of days before this one, some rows at a time; gives how many."""
    BehaviourDay.objects.filter(business_date__lt=day).delete()
    old, erased = BehaviourEvent.objects.filter(business_date__lt=day), 0
    while ids := list(old.order_by("business_date").values_list("pk", flat=True)[:ROWS]):
        erased += BehaviourEvent.objects.filter(pk__in=ids).delete()[0]
    return erased
