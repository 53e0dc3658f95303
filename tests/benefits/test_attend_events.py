"""Guests at the door, no-shows, attendance points, reminders; the night and the minute."""

from datetime import timedelta
from typing import Any

import pytest

from benefits.errors.events import (
    CheckInNotOpen,
    CheckInOver,
    SessionNotOpen,
    TicketNotValid,
    TicketOfAnotherSession,
    TicketUnknown,
    TicketUsed,
)
from benefits.jobs import close_events, tend_events
from benefits.models import Registration
from benefits.rules.codes import new_code
from benefits.services.attendance import check_in_guest, close_session, remind_guests
from benefits.services.events import cancel_session, move_session
from benefits.services.registrations import cancel_registration
from common import clock
from loyalty.models import Activity, PointsAccount
from loyalty.services.points import earn_points
from members.models import Member, Notice, User
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import plain_programme
from tests.loyalty.tampering import broken

from .events import (
    BEGINS,
    DAY,
    ENDS,
    HOUR,
    attendance_rule,
    event,
    fresh,
    full,
    registered,
    waiting,
)
from .offers import NOON
from .rewards import rich_member

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def programme(db: None) -> None:
    plain_programme()
    attendance_rule(20)


@pytest.fixture
def operator(db: None) -> User:
    return OperatorFactory()


@pytest.fixture
def place() -> Registration:
    return registered(MemberFactory.create(), event())


def check_in(place: Registration, code: str = "", **asked: Any) -> Registration:
    return check_in_guest(
        session=place.session, code=code or place.code, **{"now": BEGINS, **asked}
    )


def balance(member: Member) -> int:
    return PointsAccount.objects.get(member=member).balance


# --- At the door ----------------------------------------------------------------------------------


def test_a_ticket_lets_in_once_and_brings_points(place: Registration, operator: User) -> None:
    guest = check_in(place, place.shown_code.lower(), operator=operator)
    assert (guest.status, guest.changed_at) == ("attended", BEGINS)
    activity = Activity.objects.get()
    assert (activity.kind, activity.key) == ("event_attended", f"event:{place.pk}")
    assert balance(place.member) == 20
    assert place.steps.get(status="attended").operator == operator
    assert fresh(place.session).taken == 1
    for _again in range(2):
        with pytest.raises(TicketUsed) as refused:
            check_in(place, now=BEGINS + HOUR)
        assert refused.value.details == {"at": BEGINS}
    assert (balance(place.member), Activity.objects.count()) == (20, 1)
    assert broken() == {}


def test_what_is_no_ticket_lets_nobody_in(place: Registration) -> None:
    for code in ("hello", "ABCD-EFGH-JKMN", new_code(), f"{place.code[:-1]}?"):
        with pytest.raises(TicketUnknown):
            check_in(place, code)
    assert fresh(place).status == "confirmed"


def test_another_sessions_ticket_says_which(place: Registration) -> None:
    other = registered(MemberFactory.create(), event(name_en="Concert", starts_at=BEGINS + DAY))
    with pytest.raises(TicketOfAnotherSession) as refused:
        check_in(place, other.code)
    assert refused.value.details == {"event": "Concert", "starts_at": BEGINS + DAY}


def test_who_has_no_seat_is_not_let_in(place: Registration) -> None:
    session, (seat,) = full()
    waits = waiting(MemberFactory.create(), session)
    with pytest.raises(TicketNotValid):
        check_in(waits)
    cancel_registration(registration=seat, now=NOON)
    for refused in (seat, waits):
        with pytest.raises(TicketNotValid):
            check_in(refused)
    assert not Activity.objects.exists()


def test_nobody_is_let_in_where_nothing_takes_place(place: Registration, operator: User) -> None:
    cancel_session(session=place.session, operator=operator, reason="Rain", now=NOON)
    with pytest.raises(SessionNotOpen):
        check_in(fresh(place))


@pytest.mark.parametrize(
    ("at", "refusal"),
    [
        (BEGINS - 12 * HOUR - SECOND, CheckInNotOpen),
        (BEGINS - 12 * HOUR, None),
        (ENDS + 7 * DAY - SECOND, None),
        (ENDS + 7 * DAY, CheckInOver),
    ],
)
def test_the_door_is_open_for_a_while(place: Registration, at: Any, refusal: Any) -> None:
    if refusal is None:
        assert check_in(place, now=at).status == "attended"
        return
    with pytest.raises(refusal):
        check_in(place, now=at)
    assert not Activity.objects.exists()


def test_who_was_missed_at_the_door_is_put_right(place: Registration) -> None:
    close_session(session=place.session, now=ENDS)
    assert fresh(place).status == "no_show"
    check_in(place, now=ENDS + DAY)
    assert fresh(place).status == "attended"
    # The activity happened while the session lasted.
    assert Activity.objects.get().at == ENDS
    assert balance(place.member) == 20
    assert broken() == {}


# --- Afterwards -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "is_over"), [(ENDS - SECOND, False), (ENDS, True)])
def test_who_did_not_come_is_written_down_once_it_is_over(
    place: Registration, at: Any, is_over: bool
) -> None:
    guest = registered(MemberFactory.create(), place.session)
    check_in(guest)
    assert close_session(session=place.session, now=at) == {"no_shows": int(is_over), "lapsed": 0}
    assert fresh(place).status == ("no_show" if is_over else "confirmed")
    assert fresh(guest).status == "attended"
    assert close_session(session=place.session, now=at)["no_shows"] == 0
    assert fresh(place.session).taken == 2
    assert broken() == {}


def test_who_did_not_come_has_spent_the_points() -> None:
    plain = registered(MemberFactory.create(), event())
    assert (plain.entry, fresh(plain).points) == (None, 0)


def test_who_waited_in_vain_is_told(place: Registration) -> None:
    session, (seat,) = full(cancel_hours=0)
    first, second = (waiting(MemberFactory.create(), session) for _guest in range(2))
    cancel_registration(registration=seat, now=BEGINS - HOUR)
    assert fresh(first).status == "offered"
    assert close_session(session=session, now=ENDS) == {"no_shows": 0, "lapsed": 2}
    assert {fresh(first).status, fresh(second).status} == {"lapsed"}
    assert fresh(session).taken == 0
    told = Notice.objects.filter(params__status="lapsed")
    assert set(told.values_list("member", flat=True)) == {first.member_id, second.member_id}
    assert broken() == {}


NIGHT = ENDS.date() + DAY


def test_a_night_closes_what_was_over_before_it(place: Registration) -> None:
    assert close_events(ENDS.date(), 0, 0).get("no_shows", 0) == 0
    counts = close_events(NIGHT, 0, 0)
    assert counts["no_shows"] == 1
    assert fresh(place).status == "no_show"
    assert close_events(NIGHT, 0, 0).get("no_shows", 0) == 0
    assert fresh(place).steps.count() == 2


def test_a_session_that_ends_at_midnight_is_over_for_the_night_that_begins_then() -> None:
    midnight = clock.start_of(NIGHT)
    on_time = registered(MemberFactory.create(), event(starts_at=midnight - 2 * HOUR))
    late = registered(MemberFactory.create(), event(starts_at=midnight - 2 * HOUR + SECOND))
    close_events(NIGHT, 0, 0)
    assert (fresh(on_time).status, fresh(late).status) == ("no_show", "confirmed")


# --- Reminders ------------------------------------------------------------------------------------


def remind(place: Registration, at: Any) -> int:
    return remind_guests(session=place.session, now=at)


def test_who_has_a_seat_is_reminded_once(place: Registration) -> None:
    assert remind(place, BEGINS - 24 * HOUR - SECOND) == 0
    assert remind(place, BEGINS - 24 * HOUR) == 1
    assert remind(place, BEGINS - HOUR) == 0
    assert Notice.objects.filter(kind="event_reminder").count() == 1


@pytest.mark.parametrize("at", [BEGINS, ENDS])
def test_nobody_is_reminded_of_what_has_begun(place: Registration, at: Any) -> None:
    assert remind(place, at) == 0


def test_who_registers_late_has_the_confirmation() -> None:
    late = registered(MemberFactory.create(), event(), now=BEGINS - 24 * HOUR)
    early = registered(MemberFactory.create(), late.session, now=BEGINS - 24 * HOUR - SECOND)
    assert remind(late, BEGINS - HOUR) == 1
    assert Notice.objects.get(kind="event_reminder").member == early.member


def test_who_only_waits_is_not_reminded_and_an_event_may_remind_nobody() -> None:
    session, _places = full(reminder_hours=0)
    waits = waiting(MemberFactory.create(), full()[0])
    assert remind(waits, BEGINS - HOUR) == 1
    assert remind_guests(session=session, now=BEGINS - HOUR) == 0


def test_a_move_reminds_again(place: Registration) -> None:
    assert remind(place, BEGINS - HOUR) == 1
    moved = move_session(
        session=place.session, starts_at=BEGINS + DAY, ends_at=ENDS + DAY, now=BEGINS - HOUR
    )
    assert remind_guests(session=moved, now=BEGINS) == 1
    assert Notice.objects.filter(kind="event_reminder").count() == 2


def test_the_minutes_task_reminds_and_passes_on_now() -> None:
    now = clock.now()
    soon = registered(MemberFactory.create(), event(starts_at=now + HOUR), now=NOON)
    session, (seat,) = full(starts_at=now + 5 * DAY, accept_hours=1)
    first = waiting(MemberFactory.create(), session)
    second = waiting(MemberFactory.create(), session, now=NOON + HOUR)
    cancel_registration(registration=seat, now=now - 2 * HOUR)
    assert fresh(first).status == "offered"
    assert tend_events() == 2
    assert Notice.objects.get(kind="event_reminder").member == soon.member
    assert (fresh(first).status, fresh(second).status) == ("lapsed", "offered")
    assert tend_events() == 0
    assert Notice.objects.filter(kind="event_reminder").count() == 1


def test_one_that_fails_holds_up_no_other(operator: User) -> None:
    session = event(points=10)
    stuck, sound = (registered(rich_member(), session) for _seat in range(2))
    # What gives the first one's points back has its key taken by something else.
    key = f"registration-cancelled:{stuck.pk}"
    earn_points(member=stuck.member, points=1, key=key, now=NOON)
    cancel_session(session=session, operator=operator, reason="Rain", now=NOON)
    assert tend_events() == 2
    assert (fresh(stuck).status, fresh(sound).status) == ("confirmed", "cancelled")
    assert broken() == {}
