"""Events of a period: seats, places and what became of them, net of what was called off."""

from datetime import date, timedelta

import pytest

from analytics.reports.events import all_events, event_turnouts
from analytics.rules.periods import Period
from benefits.services.attendance import check_in_guest, close_session
from benefits.services.events import cancel_session
from benefits.services.registrations import cancel_registration
from common import clock
from tests.benefits.events import BEGINS, DAY, ENDS, NOON, event, registered, session_of
from tests.benefits.perks import lowest_tier
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.ledgers import member_with_points
from tests.loyalty.programmes import base_points

pytestmark = pytest.mark.django_db

ON = clock.business_date(BEGINS)
PERIOD = Period(ON - timedelta(days=2), ON)


@pytest.fixture(autouse=True)
def _programme(db: None) -> None:
    base_points()
    lowest_tier()


def test_is_empty_where_nothing_began() -> None:
    event(2)
    assert event_turnouts(Period(ON + timedelta(days=1), ON + timedelta(days=9))) == []
    whole = all_events([])
    assert (whole.sessions, whole.turnout.filled, whole.turnout.share) == (0, None, None)


def test_counts_seats_places_and_who_came() -> None:
    session = event(4, points=10)
    members = [member_with_points(50) for _ in range(4)]
    came, missed, other, cancelled = [registered(member, session) for member in members]
    cancel_registration(registration=cancelled, now=NOON + DAY)
    for place in (came, other):
        check_in_guest(session=session, code=place.code, operator=OperatorFactory(), now=BEGINS)
    close_session(session=session, now=ENDS + DAY)
    (found,) = event_turnouts(PERIOD)
    turnout = found.turnout
    assert (found.sessions, turnout.capacity, turnout.registered) == (1, 4, 4)
    assert (turnout.attended, turnout.no_shows, turnout.cancelled) == (2, 1, 1)
    assert (turnout.filled, round(turnout.share or 0, 4)) == (0.75, 0.6667)
    # Ten points each, but for the place that was given back.
    assert found.points == 30
    assert all_events([found]).turnout == turnout
    assert missed.points == 10


def test_seats_of_what_was_called_off_are_none() -> None:
    session = event(5)
    other = session_of(session.event, 7, starts_at=BEGINS - DAY)
    registered(MemberFactory.create(), other)
    cancel_session(session=other, operator=OperatorFactory(), reason="Storm", now=NOON + DAY)
    (found,) = event_turnouts(PERIOD)
    assert (found.sessions, found.turnout.capacity, found.turnout.registered) == (2, 5, 1)


def test_days_are_of_the_programme_s_zone(settings: object) -> None:
    midnight = clock.start_of(date(2025, 7, 1))
    event(2, starts_at=midnight - timedelta(minutes=1), now=midnight - 10 * DAY)
    event(2, starts_at=midnight, now=midnight - 10 * DAY)
    june = event_turnouts(Period(date(2025, 6, 1), date(2025, 6, 30)))
    july = event_turnouts(Period(date(2025, 7, 1), date(2025, 7, 31)))
    assert [len(june), len(july)] == [1, 1]
