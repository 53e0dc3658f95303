"""Places at events are given up, called off, moved; what comes back, and who is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from benefits.errors import OrderReasonMissing
from benefits.errors.events import (
    CancelClosed,
    CapacityBelowTaken,
    EventNotADraft,
    EventNotReady,
    PlaceNotPossible,
    RegistrationNeverOpens,
    SessionInPast,
    SessionNotOpen,
    SessionTimesReversed,
)
from benefits.jobs import SETTLED_AT_ONCE, close_events, settle_sessions, tend_events
from benefits.models import Event, EventSession, Registration
from benefits.services.events import (
    cancel_event,
    cancel_session,
    move_session,
    publish_event,
    set_capacity,
)
from benefits.services.registrations import cancel_registration
from common import clock
from loyalty.errors import ReasonTooLong
from loyalty.models import PointsAccount
from loyalty.services.points import restore_points
from members.models import Member, Notice, User
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import plain_programme
from tests.loyalty.tampering import broken

from .events import (
    BEGINS,
    DAY,
    ENDS,
    HOUR,
    draft,
    event,
    fresh,
    full,
    registered,
    session_of,
    waiting,
)
from .offers import NOON
from .rewards import rich_member

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def programme(db: None) -> None:
    plain_programme()


@pytest.fixture
def operator(db: None) -> User:
    return OperatorFactory()


@pytest.fixture
def place() -> Registration:
    """A seat for 300 of 1,000 points."""
    return registered(rich_member(), event(points=300))


def balance(member: Member) -> int:
    return PointsAccount.objects.get(member=member).balance


def cancel(place: Registration, **asked: Any) -> Registration:
    return cancel_registration(registration=place, **{"now": NOON, **asked})


# --- Members cancel -------------------------------------------------------------------------------


def test_points_and_the_seat_come_back_once(place: Registration) -> None:
    for _tap in range(2):
        assert cancel(place).status == "cancelled"
    assert balance(place.member) == 1_000
    assert fresh(place.session).taken == 0
    assert fresh(place).restored_by.reverses == place.entry
    assert [step.status for step in place.steps.all()] == ["confirmed", "cancelled"]
    assert broken() == {}


@pytest.mark.parametrize("points", [100, 300])
def test_what_was_given_back_by_hand_does_not_come_back_again(
    place: Registration, points: int
) -> None:
    assert place.entry is not None
    restore_points(redemption=place.entry, key="by-hand", points=points, now=NOON)
    assert cancel(place).status == "cancelled"
    assert balance(place.member) == 1_000
    assert broken() == {}


@pytest.mark.parametrize(
    ("before", "is_in_time"), [(24 * HOUR + SECOND, True), (24 * HOUR, False), (SECOND, False)]
)
def test_a_seat_is_cancelled_until_the_deadline(
    place: Registration, before: timedelta, is_in_time: bool
) -> None:
    if is_in_time:
        assert cancel(place, now=BEGINS - before).status == "cancelled"
        return
    with pytest.raises(CancelClosed):
        cancel(place, now=BEGINS - before)
    assert (fresh(place).status, balance(place.member)) == ("confirmed", 700)


@pytest.mark.parametrize(("before", "is_in_time"), [(SECOND, True), (timedelta(), False)])
def test_who_only_waits_leaves_until_it_begins(before: timedelta, is_in_time: bool) -> None:
    session, _places = full()
    place = waiting(MemberFactory.create(), session)
    assert place.is_cancellable(BEGINS - before) is is_in_time
    if is_in_time:
        assert cancel(place, now=BEGINS - before).status == "cancelled"
    else:
        with pytest.raises(CancelClosed):
            cancel(place, now=BEGINS - before)


def test_declining_a_seat_gives_it_to_the_next() -> None:
    session, (seat,) = full()
    first, second = (waiting(MemberFactory.create(), session) for _guest in range(2))
    cancel(seat)
    assert cancel(fresh(first)).status == "cancelled"
    assert fresh(second).status == "offered"
    assert fresh(session).taken == 1
    assert broken() == {}


def test_leaving_the_waitlist_frees_no_seat() -> None:
    session, _places = full()
    cancel(waiting(MemberFactory.create(), session))
    assert fresh(session).taken == 1


@pytest.mark.parametrize("status", ["attended", "no_show", "lapsed"])
def test_what_is_over_is_not_cancelled(place: Registration, status: str) -> None:
    free = registered(MemberFactory.create(), event())
    Registration.objects.filter(pk=free.pk).update(status=status)
    with pytest.raises(PlaceNotPossible):
        cancel(free)
    assert fresh(free).status == status


def test_who_cancelled_may_come_again_at_the_end_of_the_line(place: Registration) -> None:
    cancel(place)
    again = registered(place.member, place.session, "again")
    assert (again.status, again.code != place.code) == ("confirmed", True)
    assert balance(place.member) == 700


# --- Operators cancel a place ---------------------------------------------------------------------


def test_an_operator_cancels_with_a_reason_even_late(place: Registration, operator: User) -> None:
    for reason in ("", "  "):
        with pytest.raises(OrderReasonMissing):
            cancel(place, operator=operator, reason=reason)
    with pytest.raises(ReasonTooLong):
        cancel(place, operator=operator, reason="x" * 501)
    cancel(place, operator=operator, reason="Allergy", now=ENDS)
    assert balance(place.member) == 1_000
    step = place.steps.get(status="cancelled")
    assert (step.operator, step.note) == (operator, "Allergy")
    notice = Notice.objects.get(kind="event_cancelled")
    assert (notice.params["reason"], notice.params["points"]) == ("Allergy", 300)
    assert notice.params["is_session"] is False


# --- Sessions and events are called off -----------------------------------------------------------


def everyone(session: EventSession) -> list[str]:
    places = Registration.objects.filter(session=session).order_by("pk")
    return list(places.values_list("status", flat=True))


def crowd(points: int = 300) -> EventSession:
    """Two confirmed seats of three, one that is kept, and one who waits."""
    session = event(3, points=points)
    places = [registered(rich_member(), session) for _seat in range(3)]
    for _guest in range(2):
        waiting(rich_member(), session)
    cancel(places[0])
    assert everyone(session) == ["cancelled", "confirmed", "confirmed", "offered", "waitlisted"]
    return session


def test_a_session_that_is_called_off_gives_everything_back(operator: User) -> None:
    session = crowd()
    gone = cancel_session(session=session, operator=operator, reason="Rain", now=NOON)
    assert settle_sessions([gone]) == 4
    assert everyone(session) == ["cancelled"] * 5
    assert fresh(session).taken == 0
    assert set(PointsAccount.objects.values_list("balance", flat=True)) == {1_000}
    told = Notice.objects.filter(kind="event_cancelled")
    assert sorted(notice.params["points"] for notice in told) == [0, 0, 300, 300]
    assert {notice.params["reason"] for notice in told} == {"Rain"}
    assert broken() == {}
    assert settle_sessions([gone]) == 0
    assert cancel_session(session=session, operator=operator, reason="Again") == gone


@pytest.mark.parametrize("by", [tend_events, lambda: close_events(clock.today(), 0, 0)])
def test_places_that_are_still_to_give_back_are_found(
    operator: User, by: Callable[[], object]
) -> None:
    session = crowd()
    cancel_session(session=session, operator=operator, reason="Rain", now=NOON)
    by()
    assert everyone(session) == ["cancelled"] * 5
    assert broken() == {}


def test_an_operator_waits_for_a_hundred_at_most(operator: User) -> None:
    session = event(SETTLED_AT_ONCE + 1)
    for _guest in range(SETTLED_AT_ONCE + 1):
        registered(MemberFactory.create(), session)
    gone = cancel_session(session=session, operator=operator, reason="Rain", now=NOON)
    assert settle_sessions([gone]) == SETTLED_AT_ONCE
    assert tend_events() == 1
    assert set(everyone(session)) == {"cancelled"}


def test_members_of_a_session_that_is_off_need_not_wait(operator: User) -> None:
    session = crowd()
    cancel_session(session=session, operator=operator, reason="Rain", now=NOON)
    place = Registration.objects.filter(session=session, status="confirmed").first()
    assert place is not None
    cancel(place, now=BEGINS - HOUR)
    assert balance(place.member) == 1_000
    assert Notice.objects.get(kind="event_cancelled").params["reason"] == "Rain"


def test_an_event_is_called_off_with_what_has_not_begun(operator: User) -> None:
    first = event()
    later = session_of(first.event, starts_at=BEGINS + DAY)
    guest = registered(MemberFactory.create(), first)
    next_guest = registered(MemberFactory.create(), later)
    gone = cancel_event(event=first.event, operator=operator, reason="Ill", now=BEGINS)
    settle_sessions(gone)
    assert gone == [later]
    assert (fresh(guest).status, fresh(next_guest).status) == ("confirmed", "cancelled")
    called_off = fresh(first.event)
    assert (called_off.status, called_off.cancelled_at) == ("cancelled", BEGINS)
    assert cancel_event(event=first.event, operator=operator, reason="Ill", now=BEGINS) == []


def test_what_has_begun_is_not_called_off(operator: User) -> None:
    session = event()
    with pytest.raises(SessionNotOpen):
        cancel_session(session=session, operator=operator, reason="Rain", now=BEGINS)
    with pytest.raises(OrderReasonMissing):
        cancel_session(session=session, operator=operator, reason=" ", now=NOON)
    assert fresh(session).is_scheduled


# --- Publishing -----------------------------------------------------------------------------------


def test_a_draft_is_published_once_it_has_a_session_to_come() -> None:
    planned = draft()
    with pytest.raises(EventNotReady):
        publish_event(event=planned, now=NOON)
    session_of(planned, starts_at=NOON)
    with pytest.raises(EventNotReady):
        publish_event(event=planned, now=NOON)
    session_of(planned, starts_at=NOON + SECOND)
    for _tap in range(2):
        assert publish_event(event=planned, now=NOON).published_at == NOON
    assert Event.objects.get().status == "published"


def test_registration_opens_before_it_ends() -> None:
    planned = draft(opens_at=BEGINS - HOUR, closes_hours=1)
    session_of(planned)
    with pytest.raises(RegistrationNeverOpens):
        publish_event(event=planned, now=NOON)
    session_of(planned, starts_at=BEGINS + SECOND)
    assert publish_event(event=planned, now=NOON).is_published


def test_what_was_cancelled_is_not_published_and_a_draft_is_not_cancelled(operator: User) -> None:
    with pytest.raises(EventNotADraft):
        cancel_event(event=draft(), operator=operator, reason="No", now=NOON)
    session = event()
    cancel_event(event=session.event, operator=operator, reason="No", now=NOON)
    with pytest.raises(EventNotADraft):
        publish_event(event=session.event, now=NOON)


# --- Moving and resizing --------------------------------------------------------------------------


def move(session: EventSession, starts_at: Any, ends_at: Any, now: Any = NOON) -> EventSession:
    return move_session(session=session, starts_at=starts_at, ends_at=ends_at, now=now)


def test_who_has_a_place_is_told_of_another_time(place: Registration) -> None:
    waits = waiting(MemberFactory.create(), full()[0])
    moved = move(place.session, BEGINS + DAY, ENDS + DAY)
    assert (moved.starts_at, moved.moves, moved.moved_at) == (BEGINS + DAY, 1, NOON)
    notice = Notice.objects.get(kind="event_moved")
    assert notice.member == place.member
    assert notice.params["starts_at"] == (BEGINS + DAY).isoformat()
    assert not Notice.objects.filter(kind="event_moved", member=waits.member).exists()
    assert move(place.session, BEGINS + DAY, ENDS + DAY).moves == 1


def test_after_a_move_a_seat_may_be_cancelled_until_it_begins(place: Registration) -> None:
    soon = NOON + 2 * HOUR
    move(place.session, soon, soon + HOUR, now=NOON + HOUR)
    late_guest = registered(rich_member(), place.session, now=NOON + HOUR + SECOND)
    assert cancel(place, now=soon - SECOND).status == "cancelled"
    with pytest.raises(CancelClosed):
        cancel(late_guest, now=soon - SECOND)


def test_a_kept_seat_ends_with_registration_after_a_move() -> None:
    session, (seat,) = full()
    place = waiting(MemberFactory.create(), session)
    cancel(seat)
    assert fresh(place).offered_until == NOON + DAY
    move(session, NOON + 3 * HOUR, NOON + 4 * HOUR)
    assert fresh(place).offered_until == NOON + 3 * HOUR


def test_a_move_that_cannot_be_meant_is_refused(place: Registration, operator: User) -> None:
    session = place.session
    with pytest.raises(SessionTimesReversed):
        move(session, BEGINS, BEGINS)
    with pytest.raises(SessionInPast):
        move(session, NOON, ENDS)
    with pytest.raises(SessionNotOpen):
        move(session, BEGINS + DAY, ENDS + DAY, now=BEGINS)
    cancel_session(session=session, operator=operator, reason="Rain", now=NOON)
    with pytest.raises(SessionNotOpen):
        move(session, BEGINS + DAY, ENDS + DAY)
    assert fresh(session).starts_at == BEGINS


@pytest.mark.parametrize("capacity", [0, 1])
def test_capacity_stays_at_what_is_taken_or_above(capacity: int) -> None:
    session, _places = full(2)
    with pytest.raises(CapacityBelowTaken) as refused:
        set_capacity(session=session, capacity=capacity, now=NOON)
    assert refused.value.details == {"taken": 2}
    assert fresh(session).capacity == 2
    assert set_capacity(session=session, capacity=2, now=NOON).capacity == 2


def test_an_empty_session_keeps_a_seat() -> None:
    session = event(5)
    with pytest.raises(CapacityBelowTaken):
        set_capacity(session=session, capacity=0, now=NOON)
    with pytest.raises(SessionNotOpen):
        set_capacity(session=session, capacity=9, now=BEGINS)
    assert fresh(session).capacity == 5
