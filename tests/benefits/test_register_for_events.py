"""Members come to a seat at an event: by registering, by waiting for one, by accepting it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benefits.errors import PriceChanged
from benefits.errors.events import (
    AlreadyRegistered,
    EventCancelled,
    EventClosed,
    EventFull,
    EventNotForSegment,
    EventNotForTier,
    EventNotFound,
    EventNotOpen,
    EventOver,
    EventRefusal,
    OfferOver,
    PlaceNotPossible,
    SeatFree,
)
from benefits.jobs import close_events
from benefits.models import EventSession, Registration
from benefits.services.events import cancel_session, set_capacity
from benefits.services.registrations import cancel_registration
from benefits.services.seats import pass_on_seats
from common.errors import DomainError
from loyalty.errors import DebtOutstanding, InsufficientPoints, KeyReused
from loyalty.models import PointsAccount, Tier
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member, Notice, Segment
from members.services import add_to_segment
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import plain_programme
from tests.loyalty.tampering import broken

from .events import (
    BEGINS,
    DAY,
    HOUR,
    accepted,
    draft,
    event,
    event_window,
    fresh,
    full,
    guest_on,
    registered,
    session_of,
    waiting,
)
from .offers import NOON
from .rewards import rich_member

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def tiers(db: None) -> list[Tier]:
    plain_programme()
    return list(Tier.objects.by_rank())


@pytest.fixture
def member(tiers: list[Tier]) -> Member:
    return rich_member()


def balance(member: Member) -> int:
    return PointsAccount.objects.get(member=member).balance


def taken(session: EventSession) -> int:
    return int(fresh(session).taken)


def assert_refused(
    refusal: type[DomainError], act: Callable[..., object], *asked: Any, **more: Any
) -> DomainError:
    """It is refused, and nothing moved."""
    before = _state()
    with pytest.raises(refusal) as refused:
        act(*asked, **more)
    assert refused.type is refusal
    assert _state() == before
    assert broken() == {}
    return refused.value


def _state() -> tuple[object, ...]:
    return (
        sorted(Registration.objects.values_list("pk", "status")),
        sorted(EventSession.objects.values_list("pk", "taken")),
        sorted(PointsAccount.objects.values_list("pk", "balance")),
        Notice.objects.count(),
    )


# --- A seat ---------------------------------------------------------------------------------------


def test_takes_the_points_and_one_seat(member: Member) -> None:
    session = event(points=300)
    place = registered(member, session)
    assert (place.status, place.points, place.event) == ("confirmed", 300, session.event)
    assert place.number == f"E{place.pk:08d}"
    assert balance(member) == 700
    assert place.entry is not None
    assert (place.entry.kind, place.entry.points) == ("redeem", -300)
    assert taken(session) == 1
    assert [step.status for step in place.steps.all()] == ["confirmed"]
    assert Notice.objects.get().kind == "event_place"
    assert broken() == {}


def test_a_free_seat_posts_nothing(member: Member) -> None:
    place = registered(member, event())
    assert (place.status, place.points, place.entry) == ("confirmed", 0, None)
    assert balance(member) == 1_000
    assert broken() == {}


def test_a_key_registers_once_even_when_seats_and_points_are_gone(member: Member) -> None:
    session = event(1, points=1_000)
    place = registered(member, session)
    assert registered(member, session) == place
    assert (taken(session), balance(member)) == (1, 0)


def test_a_key_is_for_one_session(member: Member) -> None:
    registered(member, event())
    other = event()
    assert_refused(KeyReused, registered, member, other)
    assert_refused(KeyReused, waiting, member, other)


def test_each_ticket_has_a_code_of_its_own(member: Member) -> None:
    codes = {registered(MemberFactory.create(), event(), "k").code for _guest in range(20)}
    assert len(codes) == 20
    assert {len(code) for code in codes} == {12}


def test_takes_only_the_price_that_was_confirmed(member: Member) -> None:
    session = event(points=300)
    assert_refused(PriceChanged, registered, member, session, points=200)
    assert registered(member, session, points=300).points == 300


def test_refuses_more_points_than_there_are(member: Member) -> None:
    assert_refused(InsufficientPoints, registered, member, event(points=1_001))
    assert registered(member, event(points=1_000)).status == "confirmed"


def test_refuses_while_points_are_owed(member: Member) -> None:
    bought: dict[str, Any] = {"source": "till", "at": NOON, "now": NOON, "amount": Decimal(500)}
    purchase = record_purchase(external_id="P", member=member, **bought)
    registered(member, event(points=1_400), "all")
    record_refund(external_id="R", purchase=purchase, **bought)
    assert_refused(DebtOutstanding, registered, member, event(points=1))


# --- Why not --------------------------------------------------------------------------------------


def of_a_draft() -> EventSession:
    return session_of(draft())


def of_a_cancelled_session() -> EventSession:
    session = event()
    return cancel_session(session=session, operator=OperatorFactory(), reason="Rain", now=NOON)


def for_gold() -> EventSession:
    session = event()
    session.event.tiers.add(Tier.objects.get(code="gold"))
    return session


def for_tasters() -> EventSession:
    session = event()
    session.event.segments.add(Segment.objects.create(code="tasters", name_en="Tasters"))
    return session


REFUSED: list[tuple[Callable[[], EventSession], timedelta, type[EventRefusal]]] = [
    (of_a_draft, timedelta(), EventNotFound),
    (of_a_cancelled_session, timedelta(), EventCancelled),
    (event, 10 * DAY + 2 * HOUR, EventOver),
    (event, 10 * DAY, EventClosed),
    (for_gold, timedelta(), EventNotForTier),
    (for_tasters, timedelta(), EventNotForSegment),
    (lambda: event(opens_at=NOON + DAY), DAY - SECOND, EventNotOpen),
    (lambda: event(closes_hours=48), 8 * DAY, EventClosed),
    (lambda: full(has_waitlist=False)[0], timedelta(), EventFull),
]


@pytest.mark.parametrize(("made", "later", "refusal"), REFUSED)
def test_refuses_whoever_it_is_not_for(
    member: Member,
    made: Callable[[], EventSession],
    later: timedelta,
    refusal: type[EventRefusal],
) -> None:
    session = made()
    for act in (registered, waiting):
        assert_refused(refusal, act, member, session, now=NOON + later)


def test_registers_until_the_last_moment_and_from_the_first(member: Member) -> None:
    session = event(opens_at=NOON + DAY, closes_hours=48)
    assert registered(member, session, now=NOON + DAY).status == "confirmed"
    other = MemberFactory.create()
    assert registered(other, session, now=NOON + 8 * DAY - SECOND).status == "confirmed"


def test_a_higher_tier_registers_earlier(tiers: list[Tier]) -> None:
    session = event(opens_at=NOON + DAY)
    silver, gold = tiers[1], tiers[2]
    event_window(session, silver, NOON)
    refusal = assert_refused(EventNotOpen, registered, guest_on(tiers[0]), session)
    assert refusal.details["opens_at"] == NOON + DAY
    for tier in (silver, gold):
        assert registered(guest_on(tier), session).status == "confirmed"
    early = NOON - SECOND
    assert_refused(EventNotOpen, registered, guest_on(gold), event(opens_at=NOON), now=early)


def test_members_of_its_tiers_and_segments_come(tiers: list[Tier]) -> None:
    session = for_gold()
    tasters = Segment.objects.create(code="tasters", name_en="Tasters")
    session.event.segments.add(tasters)
    guest = guest_on(tiers[2])
    assert_refused(EventNotForSegment, registered, guest, session)
    add_to_segment(segment=tasters, cards=[guest.card_number], on=NOON.date())
    assert registered(guest, session).status == "confirmed"


def test_one_place_in_an_event_at_a_time(member: Member) -> None:
    first = event()
    second = session_of(first.event, starts_at=BEGINS + DAY)
    place = registered(member, first)
    assert_refused(AlreadyRegistered, registered, member, second, "b")
    assert_refused(AlreadyRegistered, waiting, member, first, "b")
    cancel_registration(registration=place, now=NOON)
    assert registered(member, second, "b").status == "confirmed"


# --- The waitlist ---------------------------------------------------------------------------------


def test_a_full_session_is_waited_for_and_costs_nothing_yet(member: Member) -> None:
    session, _places = full(points=0)
    assert_refused(EventFull, registered, member, session)
    place = waiting(member, session)
    assert (place.status, place.entry, taken(session)) == ("waitlisted", None, 1)
    assert waiting(member, session) == place
    assert balance(member) == 1_000


def test_nobody_waits_where_there_is_a_seat(member: Member) -> None:
    assert_refused(SeatFree, waiting, member, event())


def test_a_free_seat_goes_to_who_waited_not_to_who_comes(member: Member) -> None:
    session, (seat,) = full()
    place = waiting(MemberFactory.create(), session)
    cancel_registration(registration=seat, now=NOON)
    assert fresh(place).status == "offered"
    assert taken(session) == 1
    assert_refused(EventFull, registered, member, session)
    assert waiting(member, session).status == "waitlisted"


def test_the_higher_tier_comes_first_then_who_came_first(tiers: list[Tier]) -> None:
    session, _places = full()
    late_gold = waiting(guest_on(tiers[2]), session, now=NOON + 3 * HOUR)
    first = waiting(guest_on(tiers[0]), session, now=NOON)
    second = waiting(guest_on(tiers[0]), session, now=NOON + HOUR)
    silver = waiting(guest_on(tiers[1]), session, now=NOON + 2 * HOUR)
    line = Registration.objects.waiting_for(session)
    assert list(line) == [late_gold, silver, first, second]
    told = {place.pk: place.line for place in Registration.objects.with_place_in_line()}
    assert [told[place.pk] for place in (late_gold, silver, first, second)] == [1, 2, 3, 4]


def test_new_seats_are_offered_in_order(tiers: list[Tier]) -> None:
    session, _places = full()
    places = [waiting(guest_on(tiers[0]), session, now=NOON + n * HOUR) for n in range(3)]
    set_capacity(session=session, capacity=3, now=NOON + DAY)
    assert [fresh(place).status for place in places] == ["offered", "offered", "waitlisted"]
    assert taken(session) == 3
    assert {fresh(place).offered_until for place in places[:2]} == {NOON + 2 * DAY}
    assert Notice.objects.filter(member=places[0].member, params__status="offered").count() == 1
    assert broken() == {}


def offered_place(points: int = 0, **details: Any) -> Registration:
    """A seat kept at noon for a member with 1,000 points who waited for it."""
    session, (seat,) = full(**details)
    type(session.event).objects.filter(pk=session.event_id).update(points=points)
    place = waiting(rich_member(), session)
    cancel_registration(registration=seat, now=NOON)
    offered: Registration = fresh(place)
    assert offered.status == "offered"
    return offered


def test_accepting_takes_the_points_of_then(member: Member) -> None:
    place = offered_place(points=300)
    type(place.event).objects.update(points=900)
    for _tap in range(2):
        taken_up = accepted(place)
        assert (taken_up.status, taken_up.offered_until) == ("confirmed", None)
    assert balance(place.member) == 700
    assert [step.status for step in place.steps.all()] == ["waitlisted", "offered", "confirmed"]
    assert broken() == {}


@pytest.mark.parametrize(("later", "is_in_time"), [(DAY - SECOND, True), (DAY, False)])
def test_a_seat_is_kept_until_its_hour(later: timedelta, is_in_time: bool) -> None:
    place = offered_place()
    if is_in_time:
        assert accepted(place, now=NOON + later).status == "confirmed"
    else:
        refusal = assert_refused(OfferOver, accepted, place, now=NOON + later)
        assert refusal.details["until"] == NOON + DAY


def test_who_has_too_few_points_may_still_find_some() -> None:
    place = offered_place(points=2_000)
    assert_refused(InsufficientPoints, accepted, place)
    assert fresh(place).status == "offered"


@pytest.mark.parametrize("later", [DAY - SECOND, DAY])
def test_a_seat_that_nobody_accepts_goes_on(later: timedelta) -> None:
    place = offered_place()
    following = waiting(MemberFactory.create(), place.session)
    counts = pass_on_seats(session=place.session, now=NOON + later)
    is_over = later == DAY
    assert counts == {"lapsed": int(is_over), "offered": int(is_over)}
    assert fresh(place).status == ("lapsed" if is_over else "offered")
    assert fresh(following).status == ("offered" if is_over else "waitlisted")
    assert taken(place.session) == 1
    assert broken() == {}


def test_only_what_is_kept_is_accepted(member: Member) -> None:
    session, _places = full()
    place = waiting(member, session)
    assert_refused(PlaceNotPossible, accepted, place)
    cancel_registration(registration=place, now=NOON)
    assert_refused(PlaceNotPossible, accepted, place)


def test_a_kept_seat_of_a_cancelled_session_is_none() -> None:
    place = offered_place()
    cancel_session(session=place.session, operator=OperatorFactory(), reason="Rain", now=NOON)
    assert_refused(PlaceNotPossible, accepted, place)


def test_nothing_is_offered_when_registration_has_ended(member: Member) -> None:
    session, (seat,) = full(cancel_hours=0, closes_hours=2)
    place = waiting(member, session)
    cancel_registration(registration=seat, now=BEGINS - 2 * HOUR)
    assert fresh(place).status == "waitlisted"
    assert taken(session) == 0


def test_a_late_seat_is_kept_until_registration_ends(member: Member) -> None:
    session, (seat,) = full(cancel_hours=0, closes_hours=2)
    place = waiting(member, session)
    cancel_registration(registration=seat, now=BEGINS - 3 * HOUR)
    assert fresh(place).offered_until == BEGINS - 2 * HOUR


def test_a_night_passes_on_what_the_minutes_missed() -> None:
    place = offered_place()
    following = waiting(MemberFactory.create(), place.session)
    night = (NOON + 2 * DAY).date()
    assert close_events(night, 0, 0)["lapsed"] == 1
    assert fresh(place).status == "lapsed"
    # Long after its start nothing can be offered.
    assert fresh(following).status == "waitlisted"


def test_costs_as_many_queries_whatever_the_number_of_windows_and_tiers(
    tiers: list[Tier], member: Member
) -> None:
    session = event(opens_at=NOON)
    other = event(opens_at=NOON)
    for tier in tiers:
        event_window(other, tier, NOON - HOUR)
        other.event.tiers.add(tier)
    counted = []
    for asked in (session, other):
        with CaptureQueriesContext(connection) as captured:
            registered(member, asked, f"k{asked.pk}")
        counted.append(len(captured))
    assert counted[0] == counted[1] - 1  # the tiers of the windows, read once for all
