"""Who looks into the portal, when, and what the beacon of those who agreed tells."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.models import BehaviourEvent
from analytics.services.behaviour import Seen, decide_on_visits, record_behaviour
from members.models import Member
from members.services import record_visit

Name = BehaviourEvent.Name

DAYS = 90
# How many members are ever there; on how many days the seldom, the keen, and the one to sign in as.
VISITORS = 70
FEWEST_DAYS, MOST_DAYS, LEADS_DAYS = 1, 9, 14
# Of those visitors, who agreed to statistics; and who stayed away for the last weeks.
AGREED, LOST = 0.75, 0.3
LOST_DAYS = 40
PAGES = ("/", "/points/", "/coupons/", "/rewards/", "/tier/", "/events/", "/inbox/", "/for-you/")
LIKED = (10, 6, 6, 5, 3, 3, 2, 3)
CLICKS = {
    "/": "check-in",
    "/coupons/": "claim",
    "/rewards/": "redeem",
    "/events/": "register",
    "/points/": "why",
}


@dataclass(frozen=True)
class PortalVisit:
    """A member in the portal, from a moment on."""

    at: datetime
    member: Member
    events: tuple[Seen, ...]


def visit_portal(
    lead: Member, others: Sequence[Member], *, rng: random.Random, now: datetime
) -> None:
    """Have members look in, in the order of time; some agreed to be counted, some said no."""
    visitors = [lead, *rng.sample(others, min(VISITORS, len(others)))]
    agreed = {lead.pk}
    for member in visitors:
        is_granted = member == lead or rng.random() < AGREED
        since = max(now - timedelta(days=DAYS), member.joined_at)
        decide_on_visits(member=member, is_granted=is_granted, now=since)
        if is_granted:
            agreed.add(member.pk)
    drawn = [visit for member in visitors for visit in _visits_of(member, lead, rng, now)]
    for visit in sorted(drawn, key=lambda visit: (visit.at, visit.member.pk)):
        record_visit(member=visit.member, now=visit.at)
        if visit.member.pk in agreed:
            record_behaviour(member=visit.member, events=visit.events, now=visit.at)


def _visits_of(
    member: Member, lead: Member, rng: random.Random, now: datetime
) -> Iterator[PortalVisit]:
    """Days drawn evenly; of the lost, none of the last weeks. Nobody was there before joining."""
    latest = LOST_DAYS if member != lead and rng.random() < LOST else 1
    days = LEADS_DAYS if member == lead else rng.randint(FEWEST_DAYS, MOST_DAYS)
    for ago in rng.sample(range(latest, DAYS), days):
        day = now - timedelta(days=ago)
        at = day.replace(hour=rng.randint(0, 14), minute=rng.randrange(60))
        if at > member.joined_at:
            yield PortalVisit(at, member, tuple(_events(rng)))


def _events(rng: random.Random) -> Iterator[Seen]:
    """A few pages, what was clicked there, and now and then a coupon, a search or a share."""
    if rng.random() < 0.2:
        yield Seen(Name.PUSH_OPENED, "/inbox/")
    for page in rng.choices(PAGES, LIKED, k=rng.randint(2, 6)):
        yield Seen(Name.PAGE, page)
        if page in CLICKS and rng.random() < 0.5:
            yield Seen(Name.CLICK, page, CLICKS[page])
        if page == "/coupons/" and rng.random() < 0.6:
            yield Seen(Name.COUPON_VIEW, page)
        if page == "/rewards/" and rng.random() < 0.2:
            yield Seen(Name.SEARCH, page)
    if rng.random() < 0.05:
        yield Seen(Name.SHARE, "/coupons/")
