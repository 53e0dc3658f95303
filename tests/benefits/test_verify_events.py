"""I18: seats, counters and what was paid for them, proved from the rows around the services."""

import pytest
from django.db.models import F

from benefits.models import EventSession, Registration
from benefits.services.attendance import check_in_guest, close_session
from benefits.services.registrations import cancel_registration
from loyalty.models import Activity
from tests.factories import MemberFactory
from tests.loyalty.programmes import plain_programme
from tests.loyalty.tampering import broken, overwrite, unchecked

from .events import BEGINS, ENDS, event, fresh, full, registered, waiting
from .offers import NOON
from .rewards import rich_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme(db: None) -> None:
    plain_programme()


@pytest.fixture
def place() -> Registration:
    return registered(rich_member(), event(points=300))


def test_is_clean_with_places_of_every_sort(place: Registration) -> None:
    session, (seat,) = full()
    waiting(MemberFactory.create(), session)
    cancel_registration(registration=seat, now=NOON)
    guest = registered(rich_member(), place.session)
    check_in_guest(session=place.session, code=guest.code, now=BEGINS)
    close_session(session=place.session, now=ENDS)
    cancel_registration(registration=registered(rich_member(), event(points=10)), now=NOON)
    statuses = set(Registration.objects.values_list("status", flat=True))
    assert statuses == {"cancelled", "offered", "attended", "no_show"}
    assert broken() == {}


def test_finds_a_counter_that_lost_a_seat(place: Registration) -> None:
    overwrite(place.session, taken=0)
    assert broken() == {"I18": [("session", place.session_id, "seats taken", 1, 0)]}


@pytest.mark.parametrize("status", ["offered", "confirmed", "attended", "no_show"])
def test_counts_every_place_that_holds_a_seat(status: str) -> None:
    held = registered(MemberFactory.create(), event())
    until = NOON if status == "offered" else None
    overwrite(held, status=status, offered_until=until)
    overwrite(held.session, taken=F("taken") + 1)
    rows = broken()["I18"]
    assert ("session", held.session_id, "seats taken", 1, 2) in rows


def test_finds_more_seats_than_there_are(place: Registration) -> None:
    with unchecked(EventSession, "eventsession_within_capacity", "eventsession_capacity_positive"):
        overwrite(place.session, capacity=0)
    assert broken() == {"I18": [("session", place.session_id, "within its capacity", 0, 1)]}


def test_finds_a_place_in_another_events_session(place: Registration) -> None:
    other = event()
    overwrite(place, event=other.event)
    what = "event of its session"
    row = ("registration", place.pk, what, place.session.event_id, other.event_id)
    assert broken() == {"I18": [row]}


def test_finds_a_price_that_was_not_taken(place: Registration) -> None:
    overwrite(place, points=299)
    row = ("registration", place.pk, "points that its entry took", 299, 300)
    assert broken() == {"I18": [row]}


def test_finds_points_of_another(place: Registration) -> None:
    other = MemberFactory.create()
    overwrite(place, member=other)
    row = ("registration", place.pk, "member of its points", other.pk, place.member_id)
    assert broken() == {"I18": [row]}


def test_finds_points_that_came_back_for_something_else(place: Registration) -> None:
    other = registered(rich_member(), event(points=10))
    cancel_registration(registration=place, now=NOON)
    cancel_registration(registration=other, now=NOON)
    mine, theirs = fresh(place), fresh(other)
    overwrite(theirs, status="lapsed", entry=None, restored_by=None)
    overwrite(mine, restored_by=theirs.restored_by)
    what = "entry that its points came back by"
    row = ("registration", place.pk, what, mine.entry_id, theirs.entry_id)
    assert broken() == {"I18": [row]}


def test_finds_a_guest_without_an_activity(place: Registration) -> None:
    check_in_guest(session=place.session, code=place.code, now=BEGINS)
    overwrite(Activity.objects.get(), key="event:0")
    row = ("registration", place.pk, "activities of an attended place", 1, 0)
    assert broken() == {"I18": [row]}
