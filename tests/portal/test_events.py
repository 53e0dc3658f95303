"""Events on the portal: what each is for this member, the seat, the ticket, the calendar."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from benefits.models import EventSession, Registration
from benefits.pictures import qr_picture
from benefits.services.attendance import check_in_guest
from benefits.services.events import cancel_session, set_event_picture
from benefits.services.registrations import cancel_registration
from common import clock
from loyalty.models import PointsAccount, Tier
from loyalty.services.points import earn_points
from members.models import Member, Segment
from tests.benefits import events as made
from tests.benefits.events import DAY, HOUR, draft, event_window, fresh, session_of
from tests.benefits.pictures import PNG
from tests.factories import MemberFactory, OperatorFactory

LIST, MINE = "/events/", "/events/mine/"


def event(capacity: int = 2, **details: Any) -> EventSession:
    """A session in a week, of an event published an hour ago."""
    now = clock.now()
    details.setdefault("starts_at", now + 7 * DAY)
    return made.event(capacity, now=now - HOUR, **details)


def registered(member: Member, session: EventSession, key: str = "k") -> Registration:
    return made.registered(member, session, key, now=clock.now())


def full(**details: Any) -> tuple[EventSession, Registration]:
    session = event(1, **details)
    seat = registered(MemberFactory.create(), session)
    return session, seat


def waiting(member: Member, session: EventSession) -> Registration:
    return made.waiting(member, session, now=clock.now())


@pytest.fixture
def rich(member: Member) -> Member:
    """The member who is signed in, with 1,000 points to spend."""
    earn_points(member=member, points=1_000, key="rich", now=clock.now() - 20 * DAY)
    return member


def text_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def balance(member: Member) -> int:
    return PointsAccount.objects.get(member=member, point_type__code="base").balance


def page_of(session: EventSession) -> str:
    return reverse("event", args=[session.event_id])


def confirm_page(session: EventSession) -> str:
    return reverse("register_for_event", args=[session.pk])


def place_page(place: Registration) -> str:
    return reverse("event_place", args=[place.pk])


def test_an_empty_list_says_so(signed_in: Client, member: Member) -> None:
    assert "No events right now" in text_of(signed_in, LIST)
    assert "No events yet" in text_of(signed_in, MINE)


def test_says_what_each_event_is_for_this_member(
    signed_in: Client, member: Member, now: datetime
) -> None:
    gold = Tier.objects.get(rank=2)
    others = event(name_en="Gold dinner")
    others.event.tiers.add(gold)
    tasters = event(name_en="For tasters")
    tasters.event.segments.add(Segment.objects.create(code="t", name_en="Tasters"))
    event(name_en="Next week", opens_at=now + DAY)
    full(name_en="Sold out")
    full(name_en="No more", has_waitlist=False)
    event(name_en="Open house")
    registered(member, event(name_en="Mine already"))
    draft(name_en="Not yet told")
    past = event(name_en="Long ago")
    move_to(past, now - 9 * DAY)
    text = text_of(signed_in, LIST)
    order = ["Mine already", "Open house", "Sold out", "Next week", "Gold dinner"]
    places = [text.index(name) for name in order]
    assert places == sorted(places)
    for words in (
        "Confirmed",
        "Open to you now",
        "2 seats left",
        "Full: you can wait for a seat",
        "Opens for you:",
        "This event is for other tiers than yours.",
        "This event is for a group of members that you are not in.",
        "All seats are taken.",
    ):
        assert words in text
    assert "Not yet told" not in text
    assert "Long ago" not in text


def move_to(session: EventSession, starts_at: datetime) -> None:
    EventSession.objects.filter(pk=session.pk).update(starts_at=starts_at, ends_at=starts_at + HOUR)


def test_needs_as_many_queries_for_ten_events_as_for_one(
    signed_in: Client, rich: Member, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    an_event_with_everything(0)
    for address, queries in ((LIST, 15), ("/", 22)):
        with django_assert_num_queries(queries):
            signed_in.get(address)
    for number in range(1, 10):
        session = an_event_with_everything(number)
        if number % 2:
            registered(rich, session, f"k{number}")
    for address, queries in ((LIST, 15), ("/", 22)):
        with django_assert_num_queries(queries):
            signed_in.get(address)


def an_event_with_everything(number: int) -> EventSession:
    session = event(name_en=f"Event {number}", points=5, opens_at=clock.now())
    lowest = Tier.objects.get(rank=0)
    event_window(session, lowest, clock.now() - HOUR)
    session.event.tiers.add(lowest)
    session_of(session.event, starts_at=clock.now() + 8 * DAY)
    set_event_picture(event=session.event, content=PNG)
    return session


def test_my_events_cost_the_same_for_ten_as_for_one(
    signed_in: Client, rich: Member, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    registered(rich, event())
    with django_assert_num_queries(3):
        signed_in.get(MINE)
    for number in range(9):
        waiting_for = full()[0]
        made.waiting(rich, waiting_for, f"w{number}", now=clock.now())
    with django_assert_num_queries(3):
        signed_in.get(MINE)


# --- One event ------------------------------------------------------------------------------------


def test_tells_when_where_and_at_what_price(signed_in: Client, rich: Member) -> None:
    session = event(
        points=300,
        theme_en="Spring tea",
        description_en="Five teas.\n\nAnd a cake.",
        link="https://meet.example/tea",
        cancel_hours=48,
    )
    text = text_of(signed_in, page_of(session))
    for words in (
        "Spring tea",
        "<p>Five teas.</p>",
        "Jing&#x27;an store",
        "A seat costs 300 points.",
        "You can cancel until 48 hours before it begins. Your points come back then.",
        "Register for 300 points",
        confirm_page(session),
    ):
        assert words in text
    # Whoever has no seat does not know where it is on the net.
    assert "meet.example" not in text
    place = registered(rich, session)
    assert "https://meet.example/tea" in text_of(signed_in, place_page(place))


def test_offers_each_session_that_can_be_had(signed_in: Client, member: Member) -> None:
    session, _seat = full()
    other = session_of(session.event, starts_at=clock.now() + 8 * DAY)
    gone = session_of(session.event, starts_at=clock.now() + 9 * DAY)
    cancel_session(session=gone, operator=OperatorFactory(), reason="Rain")
    text = text_of(signed_in, page_of(session))
    assert "Choose a time" in text
    assert reverse("wait_for_event", args=[session.pk]) in text
    assert confirm_page(other) in text
    assert confirm_page(gone) not in text
    assert "This event was cancelled." in text


@pytest.mark.parametrize("name", ["event", "register_for_event"])
def test_a_draft_is_not_there(signed_in: Client, member: Member, name: str) -> None:
    session = session_of(draft())
    pk = session.event_id if name == "event" else session.pk
    assert signed_in.get(reverse(name, args=[pk])).status_code == 404
    assert signed_in.post(reverse("wait_for_event", args=[session.pk])).status_code == 404


def test_an_event_that_is_over_says_so(signed_in: Client, member: Member, now: datetime) -> None:
    session = event()
    move_to(session, now - DAY)
    assert "This is over." in text_of(signed_in, page_of(session))


def test_shows_the_picture(signed_in: Client, member: Member) -> None:
    session = event()
    picture = set_event_picture(event=session.event, content=PNG)
    address = reverse("event_picture", args=[session.event_id, picture.digest])
    assert address in text_of(signed_in, LIST)
    response = signed_in.get(address)
    assert (response.content, response["Content-Type"]) == (PNG, "image/png")
    hidden = set_event_picture(event=draft(), content=PNG)
    address = reverse("event_picture", args=[hidden.event_id, hidden.digest])
    assert signed_in.get(address).status_code == 404


# --- Registering ----------------------------------------------------------------------------------


def send(client: Client, session: EventSession, key: str = "a", points: int = 0) -> str:
    response = client.post(confirm_page(session), {"key": key, "points": points})
    return response.headers.get("Location") or " ".join(response.content.decode().split())


def test_confirms_what_it_costs_and_what_is_left(signed_in: Client, rich: Member) -> None:
    session = event(points=300)
    text = text_of(signed_in, confirm_page(session))
    for words in ("Register for Tea tasting?", "1,000", "700", "Register for 300 points"):
        assert words in text
    assert balance(rich) == 1_000


def test_a_double_tap_registers_once(signed_in: Client, rich: Member) -> None:
    session = event(1, points=300)
    answers = {send(signed_in, session, points=300) for _tap in range(2)}
    place = Registration.objects.get()
    assert answers == {place_page(place)}
    assert (place.member, balance(rich)) == (rich, 700)


def test_a_free_event_asks_for_one_tap(signed_in: Client, member: Member) -> None:
    session = event()
    text = text_of(signed_in, page_of(session))
    assert f'action="{confirm_page(session)}"' in text
    assert send(signed_in, session) == place_page(Registration.objects.get())


def test_a_price_that_changed_is_shown_before_it_is_paid(signed_in: Client, rich: Member) -> None:
    session = event(points=400)
    text = send(signed_in, session, points=300)
    assert "The price is 400 points now." in text
    assert 'name="points" value="400"' in text
    assert 'name="key" value="a"' in text
    assert balance(rich) == 1_000
    assert send(signed_in, session, points=400).startswith("/events/places/")


def test_a_refusal_is_told_and_costs_nothing(signed_in: Client, rich: Member) -> None:
    session = event(1, points=300)
    poor = event(points=1_002)
    assert "2 points are missing." in text_of(signed_in, confirm_page(poor))
    assert "Only 1,000 points can be spent now" in send(signed_in, poor, points=1_002)
    earned = MemberFactory.create()
    earn_points(member=earned, points=300, key="e", now=clock.now() - 20 * DAY)
    registered(earned, session)
    text = send(signed_in, session, points=300)
    assert "All seats are taken." in text
    assert page_of(session) in text
    assert balance(rich) == 1_000
    assert signed_in.get(confirm_page(session))["Location"] == page_of(session)


@pytest.mark.parametrize("sent", [{}, {"key": "a"}, {"key": "", "points": "x"}])
def test_what_no_form_sends_registers_nobody(
    signed_in: Client, member: Member, sent: dict[str, str]
) -> None:
    session = event()
    assert signed_in.post(confirm_page(session), sent).status_code == 200
    assert signed_in.post(reverse("wait_for_event", args=[session.pk]), {}).status_code == 302
    assert not Registration.objects.exists()


# --- In place, where htmx asks --------------------------------------------------------------------


def htmx(client: Client, address: str, target: str, **sent: object) -> str:
    """The part that htmx is answered with, or where it leads the whole page."""
    headers = {"HX-Request": "true", "HX-Target": target}
    response = client.post(address, sent, headers=headers)
    assert response.status_code == 200
    return response.headers.get("HX-Redirect") or " ".join(response.content.decode().split())


def test_htmx_registers_in_place_and_once(signed_in: Client, member: Member) -> None:
    session = event()
    assert f'hx-post="{confirm_page(session)}" hx-target="#event"' in text_of(
        signed_in, page_of(session)
    )
    for _tap in range(2):
        part = htmx(signed_in, confirm_page(session), "event", key="a", points=0)
        place = Registration.objects.get()
        assert part.startswith('<article class="panel reward-sheet" id="event"')
        assert f'href="{place_page(place)}">My ticket' in part
        assert "You have a seat. This is your ticket." in part
        assert "Register" not in part
    assert (place.status, place.member) == (Registration.Status.CONFIRMED, member)


def test_htmx_is_told_in_place_that_the_seats_are_gone(signed_in: Client, member: Member) -> None:
    session, _seat = full()
    part = htmx(signed_in, confirm_page(session), "event", key="a", points=0)
    assert "All seats are taken." in part
    assert "Join the waitlist" in part
    part = htmx(signed_in, reverse("wait_for_event", args=[session.pk]), "event", key="w")
    assert "My place on the waitlist" in part
    assert Registration.objects.get(member=member).status == Registration.Status.WAITLISTED


def test_htmx_confirms_the_price_and_goes_to_the_ticket(signed_in: Client, rich: Member) -> None:
    session = event(points=400)
    part = htmx(signed_in, confirm_page(session), "confirm", key="a", points=300)
    assert part.startswith('<article class="panel reward-sheet" id="confirm"')
    assert "The price is 400 points now." in part
    assert balance(rich) == 1_000
    there = htmx(signed_in, confirm_page(session), "confirm", key="a", points=400)
    assert there == place_page(Registration.objects.get())
    assert balance(rich) == 600


def test_htmx_is_asked_for_a_price_that_came_meanwhile(signed_in: Client, rich: Member) -> None:
    session = event(points=400)
    part = htmx(signed_in, confirm_page(session), "event", key="a", points=0)
    assert "The price is 400 points now." in part
    assert 'name="points" value="400"' in part
    assert not Registration.objects.exists()


# --- Waiting --------------------------------------------------------------------------------------


def wait(client: Client, session: EventSession, key: str = "w") -> str:
    response = client.post(reverse("wait_for_event", args=[session.pk]), {"key": key})
    return str(response["Location"])


def test_waits_in_line_and_leaves(signed_in: Client, member: Member) -> None:
    session, _seat = full()
    waiting(MemberFactory.create(), session)
    answers = {wait(signed_in, session) for _tap in range(2)}
    place = Registration.objects.get(member=member)
    assert answers == {place_page(place)}
    text = text_of(signed_in, place_page(place))
    assert 'Your place in line</span> <strong class="number">2<' in text
    assert "No. 2 in line" in text_of(signed_in, MINE)
    assert "On the waitlist" in text_of(signed_in, LIST)
    address = reverse("cancel_place", args=[place.pk])
    assert "you begin at the end" in text_of(signed_in, address)
    assert signed_in.post(address)["Location"] == place_page(place)
    assert fresh(place).status == "cancelled"


def test_nobody_waits_for_a_seat_that_is_there(signed_in: Client, member: Member) -> None:
    session = event()
    assert wait(signed_in, session) == page_of(session)
    assert "you need not wait for one" in text_of(signed_in, page_of(session))


@pytest.fixture
def kept(rich: Member) -> Registration:
    """A seat for 300 points that is kept for the member who is signed in."""
    session, seat = full()
    type(session.event).objects.update(points=300)
    place = waiting(rich, session)
    cancel_registration(registration=seat)
    kept_place: Registration = fresh(place)
    return kept_place


def test_accepts_a_seat_after_a_confirmation(signed_in: Client, kept: Registration) -> None:
    text = text_of(signed_in, place_page(kept))
    address = reverse("accept_place", args=[kept.pk])
    assert "A seat is kept for you. Accept it before" in text
    assert address in text
    assert "Seat offered" in text_of(signed_in, "/")
    confirm = text_of(signed_in, address)
    for words in ("1,000", "700", "Accept for 300 points"):
        assert words in confirm
    for _tap in range(2):
        assert signed_in.post(address)["Location"] == place_page(kept)
    assert (fresh(kept).status, balance(kept.member)) == ("confirmed", 700)
    assert signed_in.get(address)["Location"] == place_page(kept)


def test_a_seat_that_was_kept_too_long_is_gone(signed_in: Client, kept: Registration) -> None:
    Registration.objects.filter(pk=kept.pk).update(offered_until=clock.now())
    address = reverse("accept_place", args=[kept.pk])
    assert signed_in.get(address)["Location"] == place_page(kept)
    assert signed_in.post(address)["Location"] == place_page(kept)
    text = text_of(signed_in, place_page(kept))
    assert "This seat was kept for you until" in text
    assert "The time to accept this seat is over." in text
    assert balance(kept.member) == 1_000


def test_a_kept_seat_that_is_too_dear_says_what_is_missing(
    signed_in: Client, kept: Registration
) -> None:
    Registration.objects.filter(pk=kept.pk).update(points=1_500)
    address = reverse("accept_place", args=[kept.pk])
    assert "500 points are missing." in text_of(signed_in, address)
    signed_in.post(address)
    assert "Only 1,000 points can be spent now" in text_of(signed_in, place_page(kept))


# --- The ticket -----------------------------------------------------------------------------------


def test_a_ticket_is_shown_until_it_is_used(signed_in: Client, member: Member) -> None:
    place = registered(member, event(starts_at=clock.now() + HOUR))
    address = reverse("event_ticket", args=[place.pk])
    text = text_of(signed_in, place_page(place))
    assert place.shown_code in text
    assert address in text
    door = reverse("admin:benefits_eventsession_check_in", args=[place.session_id])
    written = f"http://testserver{door}?code={place.code}"
    response = signed_in.get(address)
    assert response["Content-Type"] == "image/svg+xml"
    assert response.content == qr_picture(written).content
    check_in_guest(session=place.session, code=written)
    assert signed_in.get(address).status_code == 404
    text = text_of(signed_in, place_page(place))
    assert "You were there." in text
    assert place.shown_code not in text


def test_only_a_seat_has_a_ticket_and_a_date(signed_in: Client, member: Member) -> None:
    place = waiting(member, full()[0])
    for name in ("event_ticket", "event_calendar"):
        assert signed_in.get(reverse(name, args=[place.pk])).status_code == 404


def test_the_date_goes_into_the_calendar(signed_in: Client, member: Member) -> None:
    session = event(description_en="Tea; and, more", link="https://meet.example/tea")
    place = registered(member, session)
    response = signed_in.get(reverse("event_calendar", args=[place.pk]))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="event-{place.number}.ics"'
    lines = response.content.decode().replace("\r\n ", "").split("\r\n")
    assert "SUMMARY:Tea tasting" in lines
    assert "LOCATION:Jing'an store" in lines
    assert "DESCRIPTION:Tea\\; and\\, more" in lines
    assert "URL:https://meet.example/tea" in lines
    assert f"UID:registration-{place.pk}@testserver" in lines
    chinese = signed_in.get(
        reverse("event_calendar", args=[place.pk]), headers={"Accept-Language": "zh-CN"}
    )
    assert "SUMMARY:品茶会".encode() in chinese.content


def test_cancels_after_a_confirmation(signed_in: Client, rich: Member) -> None:
    place = registered(rich, event(points=300))
    address = reverse("cancel_place", args=[place.pk])
    assert address in text_of(signed_in, place_page(place))
    assert "300 points come back" in text_of(signed_in, address)
    assert balance(rich) == 700
    for _tap in range(2):
        assert signed_in.post(address)["Location"] == place_page(place)
    assert balance(rich) == 1_000
    text = text_of(signed_in, place_page(place))
    assert "Cancelled" in text
    assert "Given back" in text
    assert address not in text
    assert signed_in.get(address)["Location"] == place_page(place)


def test_a_seat_stays_after_the_deadline(signed_in: Client, member: Member) -> None:
    place = registered(member, event(starts_at=clock.now() + HOUR))
    address = reverse("cancel_place", args=[place.pk])
    assert address not in text_of(signed_in, place_page(place))
    signed_in.post(address)
    assert "Places could be cancelled until" in text_of(signed_in, place_page(place))
    assert fresh(place).status == "confirmed"


@pytest.mark.parametrize(
    "name", ["event_place", "event_ticket", "event_calendar", "accept_place", "cancel_place"]
)
def test_another_members_place_is_not_there(signed_in: Client, member: Member, name: str) -> None:
    place = registered(MemberFactory.create(), event())
    address = reverse(name, args=[place.pk])
    assert signed_in.get(address).status_code == 404
    assert signed_in.post(address).status_code in (404, 405)
    assert fresh(place).status == "confirmed"


# --- Home -----------------------------------------------------------------------------------------


def test_home_tells_of_the_next_event(signed_in: Client, member: Member, now: datetime) -> None:
    assert "event-title" not in text_of(signed_in, "/")
    others = event(name_en="Gold dinner")
    others.event.tiers.add(Tier.objects.get(rank=2))
    assert "Gold dinner" not in text_of(signed_in, "/")
    event(name_en="Open house", starts_at=now + 3 * DAY)
    text = text_of(signed_in, "/")
    assert "You are invited" in text
    assert "Open house" in text
    mine = registered(member, event(name_en="My tasting", starts_at=now + 5 * DAY))
    text = text_of(signed_in, "/")
    assert "Your next event" in text
    assert "My tasting" in text
    assert place_page(mine) in text


def test_speaks_chinese(signed_in: Client, member: Member) -> None:
    session = event(points=0, place_zh="静安店", theme_zh="春茶")
    page = signed_in.get(page_of(session), headers={"Accept-Language": "zh-CN"}).content.decode()
    for words in ("品茶会", "静安店", "春茶", "报名"):
        assert words in page


def test_notices_are_told_in_words(signed_in: Client, rich: Member) -> None:
    place = registered(rich, event(points=300))
    gone = event(name_en="Concert")
    registered(rich, gone, "b")
    cancel_session(session=gone, operator=OperatorFactory(), reason="Rain")
    cancel_registration(registration=place, operator=OperatorFactory(), reason="Allergy")
    text = text_of(signed_in, "/inbox/")
    for words in (
        "You have a seat: Tea tasting",
        "Cancelled: Tea tasting",
        "Allergy",
        "Your 300 points are back.",
        "You have a seat: Concert",
    ):
        assert words in text
