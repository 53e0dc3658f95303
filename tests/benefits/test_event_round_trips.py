"""A popular session's row is everybody's: whoever has it lets go after few statements."""

import re
from collections.abc import Callable

import pytest

from benefits.models import EventSession, Registration
from benefits.services.registrations import cancel_registration
from members.models import Member
from tests.loyalty.programmes import plain_programme
from tests.loyalty.roundtrips import MOST_UNDER_A_LOCK, behind

from .events import accepted, event, registered, waiting
from .offers import NOON
from .rewards import rich_member

# What is done, and to which table first.
TABLE = re.compile(r'(?:FROM|UPDATE|INTO) "(\w+)"')
READ, MOVE, PLACE, STEP, SEAT, TOLD = (
    "SELECT benefits_registration",
    "UPDATE benefits_registration",
    "INSERT benefits_registration",
    "INSERT benefits_registrationstep",
    "UPDATE benefits_eventsession",
    "INSERT members_notice",
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def programme(db: None) -> None:
    plain_programme()


@pytest.fixture
def session() -> EventSession:
    """One seat for 300 points."""
    return event(1, points=300, opens_at=NOON)


@pytest.fixture
def seat(session: EventSession) -> Registration:
    """Who has it."""
    return registered(rich_member(), session)


@pytest.fixture
def member() -> Member:
    return rich_member()


def locks_the_session(sql: str) -> bool:
    return 'FROM "benefits_eventsession"' in sql and "FOR NO KEY UPDATE" in sql


def statements(act: Callable[[], object]) -> list[str]:
    """What is asked while the session's row is held, by its first words."""
    found = behind(locks_the_session, act)
    assert len(found) <= MOST_UNDER_A_LOCK, found
    return [f"{sql.split()[0]} {TABLE.findall(sql)[0]}" for sql in found]


def test_a_paid_registration(session: EventSession, member: Member) -> None:
    asked = statements(lambda: registered(member, session))
    assert asked == [READ, SEAT, PLACE, STEP, TOLD]


def test_an_accepted_seat(session: EventSession, seat: Registration, member: Member) -> None:
    place = waiting(member, session)
    cancel_registration(registration=seat, now=NOON)
    assert statements(lambda: accepted(place)) == [READ, MOVE, STEP, TOLD]


def test_a_wait(session: EventSession, seat: Registration, member: Member) -> None:
    assert statements(lambda: waiting(member, session)) == [PLACE, STEP]


def test_a_cancelled_seat(seat: Registration) -> None:
    asked = statements(lambda: cancel_registration(registration=seat, now=NOON))
    assert asked == [READ, MOVE, STEP, SEAT, READ]


def test_a_cancelled_seat_that_goes_on(
    session: EventSession, seat: Registration, member: Member
) -> None:
    waiting(member, session)
    asked = statements(lambda: cancel_registration(registration=seat, now=NOON))
    assert asked == [READ, MOVE, STEP, SEAT, READ, SEAT, MOVE, STEP, TOLD]
