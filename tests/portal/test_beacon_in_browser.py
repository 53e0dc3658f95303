"""The beacon in a real Chromium: what it tells of a member who agreed, and when it is silent."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from analytics.models import BehaviourEvent
from analytics.services.behaviour import decide_on_visits
from members.models import Member
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser

WANTS_PRIVACY = """
Object.defineProperty(navigator, "globalPrivacyControl", {get: () => true});
"""

TURNS = 200


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, member: Member) -> Iterator[Page]:
    """A signed-in member's browser; what breaks the content policy fails the test."""
    complaints: list[str] = []
    context = browser.new_context(base_url=live_server.url, locale="en-GB")
    opened = context.new_page()
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else 0)
    opened.goto("/")
    opened.locator("[name=login]").fill(str(member.phone))
    opened.locator("[name=password]").fill(PASSWORD)
    opened.locator("main [type=submit]").click()
    expect(opened.locator(".card")).to_be_visible()
    yield opened
    context.close()
    assert complaints == []


def comes(page: Page, *expected: tuple[str, str]) -> bool:
    """Wait until these events are recorded: a page sends what it saw once it is left."""
    for _turn in range(TURNS):
        if set(expected) <= set(BehaviourEvent.objects.values_list("name", "page")):
            return True
        page.wait_for_timeout(50)
    return False


def test_tells_pages_clicks_and_messages_of_who_agreed(page: Page, member: Member) -> None:
    decide_on_visits(member=member, is_granted=True)
    page.goto("/points/?from=message")
    page.locator("h1").click()
    page.goto("/inbox/")
    assert comes(page, ("page", "/points/"), ("push_opened", "/points/"))
    page.locator("nav.tabbar a", has_text="Tier").first.click()
    expect(page).to_have_url("/tier/")
    page.goto("/points/")
    assert comes(page, ("page", "/inbox/"), ("click", "/inbox/"))


def test_is_silent_without_consent(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address in ("/points/", "/tier/", "/inbox/"):
        page.goto(address)
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if url.endswith(("/seen/", "beacon.js"))]


def test_is_silent_where_the_browser_asks_for_privacy(page: Page, member: Member) -> None:
    decide_on_visits(member=member, is_granted=True)
    page.context.add_init_script(WANTS_PRIVACY)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address in ("/points/", "/tier/", "/inbox/"):
        page.goto(address)
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if url.endswith("beacon.js")]
    assert not [url for url in asked if url.endswith("/seen/")]
    assert not BehaviourEvent.objects.exists()
