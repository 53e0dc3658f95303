"""Events as operators write and run them: the form, seats and times, the door, who came."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from benefits.models import Event, EventPicture, EventSession, EventWindow, Registration
from benefits.rules.pictures import LARGEST_PICTURE
from common import clock
from loyalty.models import PointsAccount, Tier
from loyalty.services.points import earn_points
from members.models import Member, Segment, User
from tests.benefits import events as made
from tests.benefits.events import DAY, HOUR, draft, fresh, session_of
from tests.benefits.pictures import PNG
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import plain_programme

EVENTS = "/admin/benefits/event/"
SESSIONS = "/admin/benefits/eventsession/"
PLACES = "/admin/benefits/registration/"


@pytest.fixture(autouse=True)
def programme(db: None) -> None:
    plain_programme()


def moment(name: str, at: datetime) -> dict[str, str]:
    local = at.astimezone(clock.zone())
    return {f"{name}_0": f"{local:%Y-%m-%d}", f"{name}_1": f"{local:%H:%M:%S}"}


def next_week(days: int = 7) -> datetime:
    return clock.start_of(clock.today() + timedelta(days=days)) + 12 * HOUR


def row(days: int = 7, hours: int = 2, capacity: str = "5") -> dict[str, str]:
    """A session as the form has it."""
    begins = next_week(days)
    return (
        moment("starts_at", begins)
        | moment("ends_at", begins + hours * HOUR)
        | {"capacity": capacity}
    )


def form(
    sessions: list[dict[str, Any]] | None = None,
    windows: list[dict[str, Any]] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """What an operator fills in for a tasting."""
    filled: dict[str, Any] = {
        "name_en": "Tea tasting",
        "place_en": "Tea house",
        "points": "0",
        "closes_hours": "0",
        "cancel_hours": "24",
        "accept_hours": "24",
        "reminder_hours": "24",
        "has_waitlist": "on",
    }
    for prefix, rows in (("sessions", sessions or []), ("windows", windows or [])):
        filled |= {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
        for number, values in enumerate(rows):
            filled |= {f"{prefix}-{number}-{name}": value for name, value in values.items()}
    return filled | changes


def words(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def event(capacity: int = 2, **details: Any) -> EventSession:
    """A session in a week, of an event published an hour ago."""
    details.setdefault("starts_at", next_week())
    return made.event(capacity, now=clock.now() - HOUR, **details)


def registered(session: EventSession, **details: Any) -> Registration:
    member: Member = MemberFactory.create(**details)
    if session.event.points:
        earn_points(member=member, points=1_000, key="rich", now=clock.now())
    return made.registered(member, session, now=clock.now())


# --- Writing --------------------------------------------------------------------------------------


def test_an_event_is_written_with_its_sessions(desk: Client) -> None:
    tasters = Segment.objects.create(code="tasters", name_en="Tasters")
    silver = Tier.objects.get(code="silver")
    opens_at = next_week(2)
    filled = form(
        [row(), row(8)],
        [{"tier": silver.pk, **moment("opens_at", opens_at - DAY)}],
        segments=[tasters.pk],
        tiers=[silver.pk],
        points="300",
        link="https://meet.example/tea",
        **moment("opens_at", opens_at),
    )
    assert desk.post(f"{EVENTS}add/", filled).status_code == 302
    written = Event.objects.get()
    assert (written.status, written.points, written.sessions.count()) == ("draft", 300, 2)
    assert list(written.segments.all()) == [tasters]
    assert EventWindow.objects.get().opens_at == opens_at - DAY
    assert written.history.count() >= 1
    text = words(desk, EVENTS)
    assert "Tea tasting" in text
    assert "draft" in text


OPENS = moment("opens_at", next_week(2))
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"place_en": ""}, "Say where it is: a place, a link or both."),
    ({"link": "javascript:alert(1)"}, "Enter a valid URL."),
    ({"points": "-1"}, "Ensure this value is greater than or equal to 0."),
    ({"points": "1000000000001"}, "That is more than anybody can have."),
    ({"accept_hours": "0"}, "Ensure this value is greater than or equal to 1."),
    ({"cancel_hours": "337"}, "Ensure this value is less than or equal to 336."),
    ({"sessions": [row(hours=0)]}, "It ends before it begins."),
    ({"sessions": [row(hours=-1)]}, "It ends before it begins."),
    ({"sessions": [row(days=-1)]}, "It must begin in the future."),
    ({"sessions": [row(capacity="0")]}, "Ensure this value is greater than or equal to 1."),
    ({"windows": [OPENS]}, "Say when registration opens for everyone: earlier is before that."),
    (
        {"windows": [OPENS], **OPENS},
        "Earlier registration opens before registration does for everyone.",
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), REFUSED)
def test_an_event_that_cannot_be_meant_is_refused(
    desk: Client, changes: dict[str, Any], sentence: str
) -> None:
    silver = Tier.objects.get(code="silver").pk
    if "windows" in changes:
        changes = changes | {"windows": [{"tier": silver, **found} for found in changes["windows"]]}
    text = desk.post(f"{EVENTS}add/", form(**changes)).content.decode()
    assert escape(sentence) in text
    assert "is violated" not in text
    assert not Event.objects.exists()
    assert not EventSession.objects.exists()


def offered(desk: Client, address: str, names: tuple[str, ...]) -> set[str]:
    text = words(desk, f"{address}change/")
    return {name for name in names if f"{address}{name}/" in text}


STEPS = ("publish", "picture", "attendance", "cancel")


def test_a_draft_is_published_after_a_confirmation(desk: Client) -> None:
    planned = draft()
    address = f"{EVENTS}{planned.pk}/"
    assert offered(desk, address, STEPS) == {"publish", "picture"}
    text = desk.post(f"{address}publish/", {"key": "p"}).content.decode()
    assert "Give it at least one session in the future first." in text
    session_of(planned, starts_at=next_week())
    assert "It cannot become a draft again." in words(desk, f"{address}publish/")
    assert fresh(planned).status == "draft"
    assert desk.post(f"{address}publish/", {"key": "p"}).status_code == 302
    assert fresh(planned).status == "published"
    assert offered(desk, address, STEPS) == {"picture", "attendance", "cancel"}


def test_dates_that_members_know_are_not_edited_in_place(desk: Client) -> None:
    session = event()
    address = f"{EVENTS}{session.event_id}/change/"
    filled = form([row(capacity="9"), row(9)], name_en="Evening tasting")
    filled |= {"sessions-INITIAL_FORMS": "1", "sessions-0-id": str(session.pk)}
    assert desk.post(address, filled).status_code == 302
    assert (fresh(session).capacity, fresh(session.event).name_en) == (2, "Evening tasting")
    # Another date may be added.
    assert session.event.sessions.count() == 2
    assert f"{SESSIONS}{session.pk}/change/" in words(desk, address)


def test_dates_of_a_draft_are(desk: Client) -> None:
    session = session_of(draft(), starts_at=next_week())
    filled = form([row(capacity="9")])
    filled |= {"sessions-INITIAL_FORMS": "1", "sessions-0-id": str(session.pk)}
    filled |= {"sessions-0-event": str(session.event_id)}
    assert desk.post(f"{EVENTS}{session.event_id}/change/", filled).status_code == 302
    assert fresh(session).capacity == 9


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (PNG, "The picture was changed."),
        (b"%PDF-1.7 not a picture", "This is no picture"),
        (PNG[:-3], "This is no picture"),
        (PNG + b"\x00" * LARGEST_PICTURE, "This picture is larger than 5 MB."),
    ],
)
def test_a_picture_is_one(desk: Client, content: bytes, sentence: str) -> None:
    planned = draft()
    sent = {"key": "p", "file": SimpleUploadedFile("tea.png", content, "image/png")}
    response = desk.post(f"{EVENTS}{planned.pk}/picture/", sent, follow=True)
    assert sentence in response.content.decode()
    assert EventPicture.objects.exists() is (content == PNG)


# --- Cancelling -----------------------------------------------------------------------------------


def test_an_event_is_cancelled_with_a_reason(desk: Client, operator: User) -> None:
    session = event(points=300)
    place = registered(session)
    address = f"{EVENTS}{session.event_id}/"
    assert "This cannot be undone." in words(desk, f"{address}cancel/")
    desk.post(f"{address}cancel/", {"key": "c", "reason": " "})
    assert fresh(session).is_scheduled
    assert desk.post(f"{address}cancel/", {"key": "c", "reason": "Rain"}).status_code == 302
    assert (fresh(session.event).status, fresh(session).cancelled_by) == ("cancelled", operator)
    assert fresh(place).status == "cancelled"
    assert PointsAccount.objects.get().balance == 1_000
    assert offered(desk, address, STEPS) == {"attendance"}


DOINGS = ("check-in", "register", "move", "seats", "cancel")


def test_a_session_is_cancelled_with_a_reason(desk: Client) -> None:
    session = event()
    place = registered(session)
    address = f"{SESSIONS}{session.pk}/"
    assert offered(desk, address, DOINGS) == set(DOINGS)
    desk.post(f"{address}cancel/", {"key": "c", "reason": "Rain"})
    assert (fresh(place).status, fresh(session.event).status) == ("cancelled", "published")
    assert offered(desk, address, DOINGS) == set()
    assert "Rain" in words(desk, f"{address}change/")


def test_a_place_is_cancelled_with_a_reason(desk: Client) -> None:
    place = registered(event())
    address = f"{PLACES}{place.pk}/"
    assert offered(desk, address, ("attend", "cancel")) == {"attend", "cancel"}
    desk.post(f"{address}cancel/", {"key": "c", "reason": ""})
    assert fresh(place).status == "confirmed"
    desk.post(f"{address}cancel/", {"key": "c", "reason": "Allergy"})
    assert fresh(place).status == "cancelled"
    assert "Allergy" in words(desk, f"{address}change/")


# --- Seats and times ------------------------------------------------------------------------------


def test_seats_stay_at_what_is_taken_or_above(desk: Client) -> None:
    session = event(5)
    for _guest in range(2):
        registered(session)
    address = f"{SESSIONS}{session.pk}/seats/"
    assert 'value="5"' in words(desk, address)
    text = desk.post(address, {"key": "s", "capacity": "1"}).content.decode()
    assert "2 seats are taken: there cannot be fewer." in text
    assert fresh(session).capacity == 5
    assert desk.post(address, {"key": "s", "capacity": "2"}).status_code == 302
    assert fresh(session).capacity == 2


def test_a_session_is_moved(desk: Client) -> None:
    session = event()
    address = f"{SESSIONS}{session.pk}/move/"
    shown = f"{session.starts_at.astimezone(clock.zone()):%Y-%m-%dT%H:%M}"
    assert f'value="{shown}"' in words(desk, address)
    begins = next_week(9)

    def sent(starts_at: datetime, ends_at: datetime) -> dict[str, str]:
        local = [at.astimezone(clock.zone()) for at in (starts_at, ends_at)]
        first, last = (f"{at:%Y-%m-%dT%H:%M}" for at in local)
        return {"key": "m", "starts_at": first, "ends_at": last}

    text = desk.post(address, sent(begins, begins)).content.decode()
    assert "It ends before it begins." in text
    text = desk.post(address, sent(begins - 30 * DAY, begins)).content.decode()
    assert "It must begin in the future." in text
    assert desk.post(address, sent(begins, begins + HOUR)).status_code == 302
    assert (fresh(session).starts_at, fresh(session).moves) == (begins, 1)


def test_an_operator_registers_a_member(desk: Client, operator: User) -> None:
    session = event(1)
    member = MemberFactory.create()
    address = f"{SESSIONS}{session.pk}/register/"
    text = desk.post(address, {"key": "r", "card_number": "1234"}).content.decode()
    assert "1234" in text
    assert not Registration.objects.exists()
    card = " ".join((member.card_number[:4], member.card_number[4:]))
    assert desk.post(address, {"key": "r", "card_number": card}).status_code == 302
    place = Registration.objects.get()
    assert (place.member, place.status) == (member, "confirmed")
    assert place.steps.get().operator == operator
    other = MemberFactory.create()
    text = desk.post(address, {"key": "s", "card_number": other.card_number}).content.decode()
    assert "All seats are taken." in text
    desk.post(address, {"key": "s", "card_number": other.card_number, "is_waiting": "on"})
    assert Registration.objects.get(member=other).status == "waitlisted"


# --- The door -------------------------------------------------------------------------------------


def tonight(**details: Any) -> EventSession:
    return event(starts_at=clock.now() + HOUR, **details)


def door(session: EventSession) -> str:
    return f"{SESSIONS}{session.pk}/check-in/"


def test_a_ticket_is_typed_in_and_lets_in_once(desk: Client, operator: User) -> None:
    session = tonight()
    place = registered(session)
    text = words(desk, door(session))
    assert 'Here</span> <strong class="number">0<' in text
    assert 'Still expected</span> <strong class="number">1<' in text
    response = desk.post(door(session), {"code": place.shown_code.lower()}, follow=True)
    text = " ".join(response.content.decode().split())
    assert f"Welcome: {place.member}" in text
    assert 'Here</span> <strong class="number">1<' in text
    assert 'Still expected</span> <strong class="number">0<' in text
    assert (fresh(place).status, place.steps.last().operator) == ("attended", operator)  # type: ignore[union-attr]
    text = desk.post(door(session), {"code": place.code}).content.decode()
    assert "This ticket was used already" in text
    assert place.steps.count() == 2


@pytest.mark.parametrize(
    ("code", "sentence"), [("", "This field is required."), ("hello", "There is no such ticket.")]
)
def test_what_is_no_ticket_is_said(desk: Client, code: str, sentence: str) -> None:
    assert sentence in desk.post(door(tonight()), {"code": code}).content.decode()


def test_a_scanned_ticket_shows_whose_it_is_before_it_is_used(desk: Client) -> None:
    session = tonight()
    place = registered(session, family_name="李", given_name="雷")
    text = words(desk, f"{door(session)}?code={place.code}")
    assert "李雷" in text
    assert f'value="{place.code}"' in text
    assert fresh(place).status == "confirmed"
    assert "There is no such ticket." in words(desk, f"{door(session)}?code=nothing")
    other = registered(tonight(name_en="Concert"))
    assert "This ticket is for Concert" in words(desk, f"{door(session)}?code={other.code}")


def test_the_door_has_no_inline_script_or_style(desk: Client) -> None:
    text = desk.get(door(tonight())).content.decode()
    assert "<style" not in text
    assert "style=" not in text
    assert text.count("<script") == text.count('<script type="module" src=')


def test_who_was_there_without_a_ticket_is_written_down(desk: Client) -> None:
    place = registered(tonight())
    assert desk.post(f"{PLACES}{place.pk}/attend/", {"key": "a"}).status_code == 302
    assert fresh(place).status == "attended"
    text = desk.post(f"{PLACES}{place.pk}/attend/", {"key": "a"}).content.decode()
    assert "This ticket was used already" in text


# --- Lists and figures ----------------------------------------------------------------------------


def test_places_are_found_by_number_ticket_and_member(desk: Client) -> None:
    session = event()
    place, other = registered(session), registered(session)
    for query in (place.number, place.number.lower(), place.shown_code, place.member.card_number):
        text = words(desk, f"{PLACES}?q={query}")
        assert place.number in text
        assert other.number not in text
    assert place.number in words(desk, f"{PLACES}?status__exact=confirmed")
    assert place.number not in words(desk, f"{PLACES}?status__exact=attended")


def test_sessions_are_found_by_when(desk: Client) -> None:
    session = event(name_en="Concert")
    assert "Concert" in words(desk, f"{SESSIONS}?when=coming")
    assert "Concert" not in words(desk, f"{SESSIONS}?when=over")
    past = clock.now() - 2 * DAY
    EventSession.objects.filter(pk=session.pk).update(starts_at=past, ends_at=past + HOUR)
    assert "Concert" in words(desk, f"{SESSIONS}?when=over")


def test_tells_who_came(desk: Client) -> None:
    session = tonight(capacity=4)
    session_of(session.event, starts_at=next_week())
    places = [registered(session) for _guest in range(4)]
    desk.post(door(session), {"code": places[0].code})
    for place, status in zip(places[1:], ("no_show", "no_show", "confirmed"), strict=True):
        Registration.objects.filter(pk=place.pk).update(status=status)
    text = words(desk, f"{EVENTS}{session.event_id}/attendance/")
    assert "33.3%" in text
    assert "100.0%" in text
    assert "All sessions" in text


def test_the_file_of_places_holds_no_formula(desk: Client) -> None:
    place = registered(event(), family_name="=HYPERLINK(1)", given_name="")
    response = desk.get(f"{EVENTS}{place.event_id}/attendance/?csv=places")
    lines = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 2
    assert place.number in lines[1]
    assert place.member.card_number in lines[1]
    assert "'=HYPERLINK(1)" in lines[1]


def test_operators_without_the_right_do_nothing(db: None, client: Client) -> None:
    session = event()
    place = registered(session)
    client.force_login(OperatorFactory(is_superuser=False))
    addresses = [f"{EVENTS}{session.event_id}/{step}/" for step in STEPS]
    addresses += [f"{SESSIONS}{session.pk}/{step}/" for step in DOINGS]
    addresses += [f"{PLACES}{place.pk}/{step}/" for step in ("attend", "cancel")]
    for address in addresses:
        assert client.get(address).status_code == 403
        assert client.post(address, {"key": "k", "reason": "r"}).status_code == 403
    assert (fresh(place).status, fresh(session).is_scheduled) == ("confirmed", True)
