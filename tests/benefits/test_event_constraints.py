"""The database refuses, around the services, what no event, session or place may be."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from benefits.models import Event, EventPicture, EventSession, EventWindow, Registration
from benefits.services.registrations import cancel_registration
from common.integrity import broken_constraint
from loyalty.models import Tier
from tests.factories import MemberFactory
from tests.loyalty.programmes import plain_programme

from .events import BEGINS, DAY, draft, event, event_window, fresh, full, registered, waiting
from .offers import NOON
from .rewards import rich_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme(db: None) -> None:
    plain_programme()


def assert_broken(name: str, model: type[Any], act: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        act()
    assert broken_constraint(refused.value, model) == name


def change(row: Any, **values: Any) -> Callable[[], object]:
    return lambda: type(row).objects.filter(pk=row.pk).update(**values)


EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("event_is_somewhere", {"place_en": "", "link": ""}),
    ("event_status_has_its_instants", {"status": "published"}),
    ("event_status_has_its_instants", {"status": "cancelled", "published_at": NOON}),
    ("event_status_has_its_instants", {"published_at": NOON}),
    ("event_status_has_its_instants", {"status": "open"}),
    ("event_hours_in_a_fortnight", {"accept_hours": 0}),
    ("event_hours_in_a_fortnight", {"cancel_hours": 337}),
]


@pytest.mark.parametrize(("name", "values"), EVENTS)
def test_an_event_is_what_it_says(name: str, values: dict[str, Any]) -> None:
    assert_broken(name, Event, change(draft(), **values))


SESSIONS: list[tuple[str, dict[str, Any]]] = [
    ("eventsession_begins_before_it_ends", {"ends_at": BEGINS}),
    ("eventsession_within_capacity", {"taken": 3}),
    ("eventsession_capacity_positive", {"capacity": 0}),
    ("eventsession_cancelled_with_reason", {"status": "cancelled", "cancelled_at": NOON}),
    ("eventsession_cancelled_with_reason", {"cancel_reason": "Rain"}),
    ("eventsession_cancelled_with_reason", {"status": "later"}),
]


@pytest.mark.parametrize(("name", "values"), SESSIONS)
def test_a_session_is_what_it_says(name: str, values: dict[str, Any]) -> None:
    assert_broken(name, EventSession, change(event(), **values))


PLACES: list[tuple[str, dict[str, Any]]] = [
    ("registration_status_known", {"status": "maybe", "points": 0, "entry": None}),
    ("registration_offered_until", {"offered_until": NOON}),
    ("registration_offered_until", {"status": "offered", "entry": None}),
    ("registration_paid_when_seated", {"entry": None}),
    ("registration_paid_when_seated", {"points": 0}),
    ("registration_paid_when_seated", {"status": "lapsed"}),
    ("registration_cancelled_gives_back", {"status": "cancelled"}),
    ("registration_cancelled_gives_back", {"restored_by": F("entry")}),
]


@pytest.mark.parametrize(("name", "values"), PLACES)
def test_a_place_is_what_it_says(name: str, values: dict[str, Any]) -> None:
    place = registered(rich_member(), event(points=300))
    assert_broken(name, Registration, change(place, **values))


def test_a_member_has_one_place_in_an_event_at_a_time() -> None:
    session, (seat,) = full()
    other = waiting(MemberFactory.create(), session, "w")
    name = "registration_one_place_at_a_time"
    assert_broken(name, Registration, change(other, member=seat.member))
    cancel_registration(registration=seat, now=NOON)
    change(fresh(other), member=seat.member)()


def test_tickets_and_keys_are_there_once() -> None:
    place, other = (registered(MemberFactory.create(), event(), key) for key in ("a", "b"))
    assert_broken("registration_code_once", Registration, change(other, code=place.code))
    change(other, member=place.member)()
    assert_broken("registration_key_once", Registration, change(other, key="a"))


def test_a_tier_has_one_window() -> None:
    session, tier = event(opens_at=NOON), Tier.objects.get(code="silver")
    event_window(session, tier, NOON - DAY)
    act = lambda: event_window(session, tier, NOON - 2 * DAY)  # noqa: E731
    assert_broken("eventwindow_once_per_tier", EventWindow, act)


def test_a_picture_is_one() -> None:
    def act() -> None:
        EventPicture.objects.create(
            event=draft(), media_type="image/svg+xml", content=b"<svg/>", digest="0"
        )

    assert_broken("eventpicture_is_a_picture", EventPicture, act)


def test_saving_a_session_never_overwrites_its_counter() -> None:
    session = event()
    stale = fresh(session)
    registered(MemberFactory.create(), session)
    stale.capacity = 5
    stale.save()
    assert (fresh(session).taken, fresh(session).capacity) == (1, 5)
