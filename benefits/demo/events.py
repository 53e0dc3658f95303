"""The demo's events: one that is over, two to come with a ticket and a waitlist, one to open."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from benefits.models import Event, EventSession, EventWindow, Registration
from benefits.services.attendance import check_in_guest, close_session
from benefits.services.events import publish_event
from benefits.services.registrations import cancel_registration, join_waitlist, register_member
from common import clock
from common.errors import DomainError
from loyalty.demo.logins import MEMBER_EMAIL, OPERATOR
from loyalty.models import EarningRule, PointType, Tier, Trigger
from loyalty.services.configuration import create_rule
from members.models import Member, User

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ATTENDANCE_POINTS = 50

PAST: dict[str, Any] = {
    "name_en": "An evening of autumn oolong",
    "name_zh": "秋日乌龙之夜",
    "theme_en": "Tea",
    "theme_zh": "品茶",
    "place_en": "Jing'an store, first floor",
    "place_zh": "静安店二楼茶室",
    "description_en": "Six oolongs of this autumn, brewed by those who made them.",
    "description_zh": "六款当季乌龙，由制茶人现场冲泡。",
}
TASTING: dict[str, Any] = {
    "name_en": "First tasting of the new harvest",
    "name_zh": "新茶首品会",
    "theme_en": "Tea",
    "theme_zh": "品茶",
    "place_en": "Jing'an store, first floor",
    "place_zh": "静安店二楼茶室",
    "description_en": "Eight teas before they are on sale, with small cakes. Two hours, seated.",
    "description_zh": "八款尚未上市的新茶，佐以茶点。全程约两小时，席位固定。",
}
TABLE: dict[str, Any] = {
    "name_en": "The tea master's table",
    "name_zh": "茶艺师私享席",
    "theme_en": "For Gold and above",
    "theme_zh": "金卡及以上专享",
    "place_en": "Hangzhou store, garden room",
    "place_zh": "杭州店庭院茶室",
    "description_en": "Six guests and one tea master: an afternoon with rare aged teas.",
    "description_zh": "六位客人，一位茶艺师，一个下午，品鉴珍藏老茶。",
    "points": 500,
    "cancel_hours": 72,
}
WORKSHOP: dict[str, Any] = {
    "name_en": "Throw your own cup",
    "name_zh": "亲手做一只茶杯",
    "theme_en": "Pottery",
    "theme_zh": "陶艺",
    "place_en": "Suzhou Road studio",
    "place_zh": "苏州路陶艺工作室",
    "description_en": "A potter shows how; the cup is fired, glazed and sent to your store.",
    "description_zh": "陶艺师手把手教学，作品烧制上釉后送到您的门店。",
    "points": 200,
}


@transaction.atomic
def load() -> None:
    """Lay the events over the demo's shop; nothing where there are events already."""
    if Event.objects.exists():
        return
    now = clock.now()
    lead = Member.objects.get(email=MEMBER_EMAIL)
    others = list(Member.objects.active().exclude(pk=lead.pk).order_by("pk")[:200])
    operator = User.objects.get(username=OPERATOR)
    _reward_guests(operator)
    _evening(now, [lead, *others[:16]], operator)
    _tasting(now, lead, others)
    _table(now, lead, others)
    _workshop(now)


def _evening(now: datetime, members: Sequence[Member], operator: User) -> None:
    """Three weeks ago: one cancelled in time, and every sixth did not come."""
    begins = _at(now, days=-21, hour=19)
    opened = begins - 20 * DAY
    (session,) = _published(PAST, [(begins, 16)], now=opened)
    places = list(_registered(session, members[:16], now=opened + DAY))
    if len(places) > 2:
        cancel_registration(registration=places.pop(), now=begins - 2 * DAY)
    for number, place in enumerate(places):
        if number % 6 != 5:
            door = begins - timedelta(minutes=20 - number)
            check_in_guest(session=session, code=place.code, operator=operator, now=door)
    close_session(session=session, now=begins + 5 * HOUR)


def _tasting(now: datetime, lead: Member, others: Sequence[Member]) -> None:
    """Next week, on two afternoons: the lead has a ticket."""
    first = _at(now, days=6, hour=14)
    opened = now - 4 * DAY
    saturday, sunday = _published(TASTING, [(first, 24), (first + DAY, 24)], now=opened)
    list(_registered(saturday, [lead, *others[:18]], now=opened + HOUR))
    list(_registered(sunday, others[18:28], now=opened + 2 * HOUR))


def _table(now: datetime, lead: Member, others: Sequence[Member]) -> None:
    """In three weeks, for the highest tiers: full, and the lead waits among others."""
    opened = now - 6 * DAY
    (session,) = _published(TABLE, [(_at(now, days=20, hour=15), 6)], now=opened)
    session.event.tiers.set(Tier.objects.filter(code__in=("gold", "diamond")))
    seated = list(_registered(session, others, now=opened + HOUR))
    guests = {place.member_id for place in seated}
    rest = [member for member in others if member.pk not in guests]
    if len(seated) == session.capacity:
        _waiting(session, rest, most=4, now=opened + DAY)
        _waiting(session, [lead], most=1, now=opened + 2 * DAY)


def _workshop(now: datetime) -> None:
    """In a month: open for higher tiers before it opens for everyone."""
    begins = _at(now, days=30, hour=10)
    opens_at = _at(now, days=5, hour=10)
    (session,) = _published(WORKSHOP | {"opens_at": opens_at}, [(begins, 12)], now=now)
    for code, earlier in (("diamond", 7 * DAY), ("gold", 6 * DAY), ("silver", 3 * DAY)):
        tier = Tier.objects.filter(code=code).first()
        if tier is not None:
            EventWindow.objects.create(event=session.event, tier=tier, opens_at=opens_at - earlier)


def _published(
    terms: dict[str, Any], dates: Sequence[tuple[datetime, int]], *, now: datetime
) -> list[EventSession]:
    event = Event.objects.create(**terms)
    for begins, capacity in dates:
        EventSession.objects.create(
            event=event, starts_at=begins, ends_at=begins + 2 * HOUR, capacity=capacity
        )
    publish_event(event=event, now=now)
    return list(event.sessions.select_related("event"))


def _registered(
    session: EventSession, members: Sequence[Member], *, now: datetime
) -> Iterator[Registration]:
    """A seat for each member who may have one, as long as there are seats."""
    for member in members:
        # Some are of other tiers, some have too few points: they stay away.
        try:
            yield register_member(session=session, member=member, key=f"demo:{session.pk}", now=now)
        except DomainError:
            continue


def _waiting(session: EventSession, members: Sequence[Member], *, most: int, now: datetime) -> None:
    """A place on the waitlist for the first of these who may have one, an hour after each other."""
    for member in members:
        if not most:
            return
        try:
            join_waitlist(session=session, member=member, key=f"demo:{session.pk}", now=now)
        except DomainError:
            continue
        most, now = most - 1, now + HOUR


def _reward_guests(operator: User) -> None:
    """Points for each event attended, unless the shop's programme has them already."""
    if EarningRule.objects.filter(trigger=Trigger.EVENT_ATTENDED, is_current=True).exists():
        return
    create_rule(
        code="event-attended",
        operator=operator,
        name_en="Coming to an event",
        name_zh="参加会员活动",
        trigger=Trigger.EVENT_ATTENDED,
        point_type=PointType.objects.base(),
        points=ATTENDANCE_POINTS,
    )


def _at(now: datetime, *, days: int, hour: int) -> datetime:
    """An hour of the day so many days from now, in the programme's zone."""
    return clock.start_of(clock.business_date(now) + days * DAY) + hour * HOUR
