"""Events in a real Chromium: every look, without a script, and a camera at the door."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from benefits.models import EventSession, Registration
from benefits.services.events import set_event_picture
from benefits.services.registrations import cancel_registration
from common import clock
from loyalty.models import Tier
from loyalty.services.points import earn_points
from members.models import Member
from tests.benefits import events as made
from tests.benefits.events import DAY, HOUR, fresh
from tests.benefits.pictures import PNG
from tests.factories import PASSWORD, MemberFactory, OperatorFactory

from .browsing import LOCALES, LOOKS, PHONE, Open, look, sign_in

pytestmark = pytest.mark.browser

# A camera that sees one ticket after the other: the browser's part, which headless ones lack.
CAMERA = """
(() => {
  const tickets = %s;
  window.BarcodeDetector = class {
    static getSupportedFormats() { return Promise.resolve(["qr_code"]); }
    detect() { return Promise.resolve(tickets.map((rawValue) => ({ rawValue }))); }
  };
  navigator.mediaDevices.getUserMedia = () => {
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").fillRect(0, 0, 10, 10);
    setInterval(() => canvas.getContext("2d").fillRect(0, 0, 10, 10), 50);
    return Promise.resolve(canvas.captureStream(10));
  };
})();
"""


def event(capacity: int = 20, **details: Any) -> EventSession:
    now = clock.now()
    details.setdefault("starts_at", now + 7 * DAY)
    details.setdefault("place_zh", "静安店二楼茶室")
    return made.event(capacity, now=now - HOUR, **details)


def rich(member: Member) -> Member:
    earn_points(member=member, points=1_000, key="e", now=clock.now() - timedelta(days=20))
    return member


def events_of_every_sort(member: Member) -> tuple[EventSession, Registration]:
    """One with everything to say and two sessions; and a seat that is kept for the member."""
    paid = event(
        3,
        points=300,
        theme_en="Spring tea",
        theme_zh="春茶",
        description_en="Five teas of the new harvest.\n\nWith small cakes.",
        description_zh="五款新茶，佐以茶点。",
    )
    made.session_of(paid.event, 3, clock.now() + 8 * DAY)
    set_event_picture(event=paid.event, content=PNG)
    event(name_en="Next month", name_zh="下月工坊", opens_at=clock.now() + DAY)
    others = event(name_en="Gold dinner", name_zh="金卡晚宴")
    others.event.tiers.add(Tier.objects.get(rank=2))
    session = event(1, name_en="The tea master's table", name_zh="茶艺师私享席")
    type(session.event).objects.filter(pk=session.event_id).update(points=500)
    seat = made.registered(rich(MemberFactory.create()), session, now=clock.now())
    place = made.waiting(member, session, now=clock.now())
    cancel_registration(registration=seat)
    return paid, fresh(place)


@pytest.mark.parametrize(("screen", "scheme", "language"), LOOKS)
def test_shows_events_in_every_look(
    open_page: Open,
    member: Member,
    screen: dict[str, Any],
    scheme: str,
    language: str,
    request: pytest.FixtureRequest,
) -> None:
    look_id = request.node.callspec.id
    page = open_page(
        **screen, color_scheme=scheme, locale=LOCALES[language], reduced_motion="reduce"
    )
    sign_in(page, member)
    page.goto("/events/")
    look(page, f"events-empty-{look_id}")
    paid, kept = events_of_every_sort(rich(member))
    for name, address in (
        ("events", "/events/"),
        ("home-event", "/"),
        ("event", f"/events/{paid.event_id}/"),
        ("event-confirm", f"/events/sessions/{paid.pk}/register/"),
        ("event-kept", f"/events/places/{kept.pk}/"),
        ("event-accept", f"/events/places/{kept.pk}/accept/"),
    ):
        page.goto(address)
        look(page, f"{name}-{look_id}")
    page.locator("main form button").click()
    expect(page.locator(".coupon-qr")).to_be_visible()
    look(page, f"event-ticket-{look_id}")
    page.locator("a[href$='/cancel/']").click()
    look(page, f"event-cancel-{look_id}")
    page.goto("/events/mine/")
    look(page, f"my-events-{look_id}")


def test_registers_and_cancels_without_a_script(open_page: Open, member: Member) -> None:
    session = event()
    page = open_page(**PHONE, locale="en-GB", java_script_enabled=False)
    sign_in(page, member)
    page.locator(".home-event a.event-row").click()
    page.locator("main form button").dblclick()
    expect(page.locator(".place-confirmed")).to_be_visible()
    assert Registration.objects.count() == 1
    page.locator("a[href$='/cancel/']").click()
    page.locator("main form button").click()
    expect(page.locator(".place-cancelled")).to_be_visible()
    assert fresh(session).taken == 0


def operator_at(page: Page, address: str) -> None:
    """An operator who signed in on the way to a page."""
    operator = OperatorFactory()
    page.goto(address)
    page.locator("[name=login]").fill(operator.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main [type=submit]").click()
    expect(page.locator("[name=code]")).to_be_visible()


def door(session: EventSession) -> str:
    return f"/admin/benefits/eventsession/{session.pk}/check-in/"


def test_types_a_ticket_in_without_a_script(open_page: Open, member: Member) -> None:
    place = made.registered(member, event(starts_at=clock.now() + HOUR), now=clock.now())
    page = open_page(**PHONE, locale="en-GB", java_script_enabled=False)
    operator_at(page, door(place.session))
    page.locator("[name=code]").fill("no such ticket")
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".errorlist")).to_have_text("There is no such ticket. Check the code.")
    look(page, "door-refused")
    page.locator("[name=code]").fill(place.shown_code.lower())
    page.locator("main form button[type=submit]").click()
    expect(page.locator("#toasts")).to_contain_text("Welcome")
    look(page, "door-welcome")
    assert fresh(place).status == "attended"


def test_reads_tickets_with_the_camera_each_once(open_page: Open, member: Member) -> None:
    session = event(starts_at=clock.now() + HOUR)
    first = made.registered(member, session, now=clock.now())
    page = open_page(**PHONE, locale="en-GB")
    page.add_init_script(CAMERA % f'["https://club.example/x/?code={first.code}"]')
    operator_at(page, door(session))
    page.locator("[data-start]").click()
    expect(page.locator("#toasts")).to_contain_text("Welcome")
    # The same ticket is still before the camera, which goes on by itself: it is not sent again.
    expect(page.locator("[data-view]")).to_be_visible()
    page.wait_for_timeout(1_000)
    expect(page.locator(".errorlist")).to_have_count(0)
    look(page, "door-camera")
    assert (fresh(first).status, first.steps.count()) == ("attended", 2)


def test_offers_no_camera_where_none_can_read(open_page: Open, member: Member) -> None:
    session = event(starts_at=clock.now() + HOUR)
    page = open_page(**PHONE, locale="zh-CN")
    operator_at(page, door(session))
    expect(page.locator("[data-camera]")).to_be_hidden()
    look(page, "door-no-camera")
