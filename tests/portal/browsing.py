"""What tests in a real Chromium share: windows, languages, signing in, looking."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from members.models import Member
from tests.factories import PASSWORD

SCREENSHOTS = Path(__file__).parent.parent / "screenshots"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
# Every value of screen, scheme and language. The walk over all pages has the other pairs of them:
# what tests look at besides are states of those pages.
LOOKS = [
    pytest.param(PHONE, "dark", "zh", id="phone-dark-zh"),
    pytest.param(DESKTOP, "light", "en", id="desktop-light-en"),
]
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
# Chromium reports a broken policy on the console too; this names it for sure.
WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP", event.violatedDirective, event.blockedURI, event.sourceFile));
"""

# What the browser says where its worker is kept away, see `opening`.
BLOCKED = "Service Worker registration blocked by Playwright"

Open = Callable[..., Page]


@contextmanager
def opening(browser: Browser, base_url: str) -> Iterator[Open]:
    """Pages of fresh browser contexts; whatever they complain of fails the test at the end.

    The service worker is kept away unless asked for: it would answer in the server's place.
    """
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(**options: Any) -> Page:
        options = {"service_workers": "block"} | options
        context = browser.new_context(base_url=base_url, **options)
        contexts.append(context)
        context.add_init_script(WATCH_POLICY)
        page = context.new_page()
        page.on("console", lambda said: complain(said.type, said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", lambda answer: blame(answer.status, answer.url))
        return page

    def complain(kind: str, text: str) -> None:
        if kind in {"error", "warning"} and text != BLOCKED:
            complaints.append(text)

    def blame(status: int, url: str) -> None:
        if status >= 400:
            complaints.append(f"{status} {url}")

    yield opened
    for context in contexts:
        context.close()
    assert complaints == [], complaints


def sign_in(page: Page, member: Member) -> None:
    page.goto("/")
    page.locator("[name=login]").fill(str(member.phone))
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main [type=submit]").click()
    expect(page.locator(".card")).to_be_visible()
    # While one page turns into the next, keys still go to the one that leaves.
    page.wait_for_load_state("networkidle")


def go(page: Page, address: str) -> None:
    """By the navigation: the bar or the column, else the phone's menu."""
    link = page.locator(f".tabbar a.tab[href='{address}']")
    if not link.is_visible():
        page.locator(".tabbar [popovertarget=menu]").click()
        link = page.locator(f"#menu a.row[href='{address}']")
    link.click()
    page.wait_for_url(f"**{address}")


def look(page: Page, name: str) -> None:
    """Keep a picture, and refuse a page that scrolls sideways."""
    page.wait_for_load_state("networkidle")
    page.evaluate("window.scrollTo(0, 0)")
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    assert page.viewport_size is not None
    wide = page.evaluate("document.documentElement.scrollWidth") - page.viewport_size["width"]
    assert wide <= 0, f"{name} scrolls sideways by {wide} px"


def wait_until(page: Page, condition: str) -> None:
    """Wait for a condition in JavaScript, a promise's too; no `eval`, which the policy forbids."""
    page.evaluate(
        f"""async () => {{
          for (let tries = 0; !(await ({condition})); tries += 1) {{
            if (tries > 1000) throw new Error("waited in vain for " + {condition!r});
            await new Promise((done) => setTimeout(done, 20));
          }}
        }}"""
    )
