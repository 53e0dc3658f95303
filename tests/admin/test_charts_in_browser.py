"""Charts in a real Chromium: drawn under the policy, in the dark too; tables without JavaScript."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from analytics.jobs import measure_members, record_figures
from common import clock
from tests.analytics.shopping import buy, programme, shopper
from tests.factories import OperatorFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP", event.violatedDirective, event.blockedURI));
"""
Open = Callable[..., Page]


@pytest.fixture
def sold(db: None) -> date:
    """A month of purchases up to yesterday; gives today."""
    programme()
    today = clock.today()
    member = shopper("1")
    for number in range(1, 31):
        buy(member if number % 3 else None, today - timedelta(days=number), f"{number}.00")
    measure_members(today, 1, 2**62)
    record_figures(today, 0, 0)
    return today


@pytest.fixture
def desk_page(browser: Browser, live_server: LiveServer, sold: date) -> Iterator[Open]:
    """A page of an operator who is signed in; what breaks the policy fails the test at the end."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []
    desk = Client()
    desk.force_login(OperatorFactory())
    cookie = desk.cookies[settings.SESSION_COOKIE_NAME].value

    def opened(name: str, **options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, locale="en-GB", **options)
        contexts.append(context)
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
        )
        context.add_init_script(WATCH_POLICY)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if _is_bad(said) else None)
        page.goto(reverse("admin:analytics_dailyfigure_dashboard", args=[name]))
        return page

    def _is_bad(said: Any) -> bool:
        return said.type == "error" or "Content Security Policy" in said.text

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("width", [390, 1280])
def test_every_chart_of_a_page_is_drawn(width: int, desk_page: Open) -> None:
    size = {"viewport": {"width": width, "height": 900}}
    for name in ("overview", "growth", "lifecycle", "quadrants", "points", "sales"):
        page = desk_page(name, reduced_motion="reduce", **size)
        charts = page.locator("figure[data-chart]")
        assert charts.count() > 0, name
        for chart in charts.all():
            expect(chart.locator("svg path").first).to_be_attached()
        wide = page.evaluate("document.documentElement.scrollWidth") - width
        assert wide <= 0, f"{name} scrolls sideways by {wide} px"


def test_a_chart_follows_the_switch_between_light_and_dark(desk_page: Open) -> None:
    page = desk_page("overview", color_scheme="light", reduced_motion="reduce")
    ink = page.locator("figure[data-chart] svg text").first
    light = ink.get_attribute("fill")
    page.evaluate("document.documentElement.classList.add('dark')")
    expect(ink).not_to_have_attribute("fill", str(light))


def test_a_circle_leads_to_its_members(desk_page: Open) -> None:
    page = desk_page("quadrants", reduced_motion="reduce")
    circle = page.locator("figure[data-chart=chart-bins] svg path[fill-opacity]").last
    expect(circle).to_be_attached()
    box = circle.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/dashboards/quadrants/**/")


def test_without_javascript_the_table_is_there(desk_page: Open) -> None:
    page = desk_page("sales", java_script_enabled=False)
    expect(page.locator("figure[data-chart]").first).to_be_hidden()
    section = page.locator("section[aria-labelledby=panel-hours]")
    section.locator("summary").click()
    expect(section.locator("table")).to_be_visible()
