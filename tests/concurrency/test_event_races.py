"""Places at events that several connections want at once, on PostgreSQL.

Every race has a control that takes its guards out and shows the books broken: else a race that
nobody runs would pass as well.
"""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.db import IntegrityError, OperationalError

from benefits.models import EventSession, Registration
from benefits.models.event_sessions import EventSessionQuerySet
from benefits.models.registrations import RegistrationQuerySet
from benefits.services import attendance, registrations, seats
from benefits.services.attendance import check_in_guest
from benefits.services.registrations import accept_offer, cancel_registration
from benefits.services.seats import pass_on_seats
from common.errors import DomainError
from loyalty.models import Activity, PointsAccount
from tests.benefits.events import BEGINS, DAY, attendance_rule, event, fresh, registered, waiting
from tests.benefits.offers import NOON
from tests.benefits.rewards import rich_member
from tests.factories import MemberFactory
from tests.loyalty.programmes import plain_programme

from .test_reward_races import breaks, broken, without
from .threads import all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THREADS = 50
FEWER = 12
ROUNDS = 2

# What an act may meet. A control tolerates what missing guards can bring besides: without the one
# order of locks there may be deadlocks.
refusals: tuple[type[Exception], ...] = (DomainError,)


def told(act: Callable[[], object]) -> Callable[[], str]:
    return outcome(act, *refusals)


@pytest.fixture(autouse=True)
def programme(transactional_db: None) -> None:
    plain_programme()
    attendance_rule()


def take_seats(rows: EventSessionQuerySet, count: int) -> bool:
    """Read, then written: what the conditional update is there to prevent."""
    session = rows.get()
    if session.taken + count > session.capacity:
        return False
    return EventSession.objects.filter(pk=session.pk).update(taken=session.taken + count) == 1


def give_seat(rows: EventSessionQuerySet) -> bool:
    session = rows.get()
    return EventSession.objects.filter(pk=session.pk).update(taken=max(0, session.taken - 1)) == 1


def unlocked_session(session_id: int) -> EventSession:
    return EventSession.objects.select_related("event").get(pk=session_id)


@pytest.fixture
def unguarded(programme: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither the session nor the places are locked, and seats are read before they are written."""
    monkeypatch.setattr(EventSessionQuerySet, "take_seats", take_seats)
    monkeypatch.setattr(EventSessionQuerySet, "give_seat", give_seat)
    monkeypatch.setattr(RegistrationQuerySet, "locked", lambda rows: rows)
    monkeypatch.setattr(f"{__name__}.refusals", (DomainError, OperationalError, IntegrityError))
    for module in (attendance, registrations, seats):
        monkeypatch.setattr(module, "lock_session", unlocked_session)
    monkeypatch.setattr(registrations, "lock_base_account", lambda member: None)
    constraints = [
        (EventSession, "eventsession_within_capacity"),
        (Registration, "registration_one_place_at_a_time"),
        (Registration, "registration_key_once"),
    ]
    with without(constraints, "benefits_event"):  # type: ignore[arg-type]
        yield


def taken(session: EventSession) -> int:
    return int(fresh(session).taken)


def holding(session: EventSession) -> int:
    return Registration.objects.filter(session=session, status="confirmed").count()


def take_the_last_seat(count: int = THREADS) -> bool:
    session = event(1, points=100)
    members = [rich_member() for _guest in range(count)]
    ends = all_at_once([told(partial(registered, member, session)) for member in members])
    paid = PointsAccount.objects.filter(member__in=members, balance=900).count()
    return (ends.count("done"), holding(session), taken(session), paid) == (1, 1, 1, 1)


def register_by_one_key(count: int = THREADS) -> bool:
    """One member taps often: one seat, paid once."""
    session, member = event(count, points=100), rich_member()
    acts = [told(partial(registered, member, session))] * count
    ends = all_at_once(acts)
    balance = PointsAccount.objects.get(member=member).balance
    return (ends.count("done"), holding(session), balance) == (count, 1, 900)


def a_line(count: int) -> tuple[EventSession, list[Registration]]:
    """A seat that came free is kept for the first of so many who waited for it."""
    session = event(1, accept_hours=1)
    seat = registered(MemberFactory.create(), session)
    line = [waiting(MemberFactory.create(), session) for _guest in range(count)]
    cancel_registration(registration=seat, now=NOON)
    return session, line


def promote_while_they_leave(count: int = FEWER) -> bool:
    """Everyone in line leaves while the seat is passed on from one to the next."""
    session, line = a_line(count)
    late = NOON + DAY
    acts = [told(partial(cancel_registration, registration=place, now=NOON)) for place in line]
    acts += [told(partial(pass_on_seats, session=session, now=late)) for _clock in range(count)]
    all_at_once(acts)
    places = Registration.objects.filter(session=session)
    left = places.filter(status__in=("offered", "waitlisted")).count()
    return (taken(session), left, broken()) == (0, 0, set())


def cancel_while_others_wait(count: int = FEWER) -> bool:
    """Seats are given up, more than are waited for: each is kept for one, the rest is free."""
    session = event(count)
    places = [registered(MemberFactory.create(), session) for _seat in range(count)]
    line = [waiting(MemberFactory.create(), session) for _guest in range(count // 2)]
    acts = [told(partial(cancel_registration, registration=place, now=NOON)) for place in places]
    all_at_once(acts)
    statuses = {fresh(place).status for place in line}
    return (statuses, taken(session), broken()) == ({"offered"}, count // 2, set())


def accept_while_it_lapses(count: int = FEWER) -> bool:
    """A seat is accepted at the very time at which it goes on: one of the two."""
    session, line = a_line(2)
    first = line[0]
    acts = [told(partial(accept_offer, registration=first, now=NOON)) for _tap in range(count)]
    acts += [
        told(partial(pass_on_seats, session=session, now=NOON + DAY)) for _clock in range(count)
    ]
    all_at_once(acts)
    held = Registration.objects.filter(session=session, status__in=("confirmed", "offered"))
    is_one = held.count() == taken(session) == 1
    return is_one and broken() == set()


def let_in_often(count: int = THREADS) -> bool:
    """However many operators read it, a ticket lets in once."""
    place = registered(MemberFactory.create(), event())
    act = partial(check_in_guest, session=place.session, code=place.code, now=BEGINS)
    ends = all_at_once([told(act)] * count)
    return (ends.count("done"), place.steps.filter(status="attended").count()) == (1, 1)


def earn_once_at_the_door(count: int = FEWER) -> bool:
    """And brings points once."""
    is_once = let_in_often(count)
    activity = Activity.objects.order_by("pk").last()
    assert activity is not None
    balances = PointsAccount.objects.filter(member=activity.member).values_list("balance")
    return is_once and list(balances) == [(20,)] and activity.entries.count() == 1


def cancel_often(count: int = THREADS) -> bool:
    """However often it is sent, the points and the seat come back once."""
    session, member = event(2, points=100), rich_member()
    place = registered(member, session)
    registered(rich_member(), session)
    act = partial(cancel_registration, registration=place, now=NOON)
    all_at_once([told(act)] * count)
    return (PointsAccount.objects.get(member=member).balance, taken(session)) == (1_000, 1)


RACES: list[Callable[[], bool]] = [
    take_the_last_seat,
    register_by_one_key,
    promote_while_they_leave,
    cancel_while_others_wait,
    accept_while_it_lapses,
    let_in_often,
    earn_once_at_the_door,
    cancel_often,
]


@pytest.mark.parametrize("race", RACES)
def test_holds(race: Callable[[], bool]) -> None:
    assert all(race() for _round in range(ROUNDS))
    assert broken() == set()


@pytest.mark.parametrize(
    "race",
    [
        partial(take_the_last_seat, FEWER),
        partial(register_by_one_key, FEWER),
        cancel_while_others_wait,
    ],
)
def test_breaks_without_guards(unguarded: None, race: Callable[[], bool]) -> None:
    assert breaks(race)


def step_anyway(
    place: Registration, sources: object, target: str, at: object, **values: object
) -> Registration:
    """A step that does not ask where the place is by now."""
    values.pop("operator", None)
    note = {"note": values.pop("note", "")}
    values = {"offered_until": None, "status": target, "changed_at": at} | values
    Registration.objects.filter(pk=place.pk).update(**values)
    for name, value in values.items():
        setattr(place, name, value)
    seats.write_step(place, **note)  # type: ignore[arg-type]
    return place


@pytest.mark.parametrize(
    "race", [partial(let_in_often, FEWER), accept_while_it_lapses, promote_while_they_leave]
)
def test_breaks_without_conditional_steps(
    unguarded: None, monkeypatch: pytest.MonkeyPatch, race: Callable[[], bool]
) -> None:
    """A step is the last guard: here nothing locks, no activity is recorded, and no step asks."""
    for module in (attendance, registrations, seats):
        monkeypatch.setattr(module, "move_place", step_anyway)
    monkeypatch.setattr(attendance, "record_activity", lambda **asked: None)
    assert breaks(race)
