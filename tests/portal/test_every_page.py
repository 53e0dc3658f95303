"""Every page of the portal in a real Chromium: readable for everyone, steady, and looked at.

The pages come from the role matrix, so that a new one cannot be forgotten.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from members.models import Member, User
from tests.config.test_role_matrix import ARGUMENTS, MATRIX, ONLY_POST, SHOWN
from tests.factories import OperatorFactory, login_of

from .browsing import DESKTOP, LOCALES, PHONE, Open, look, opening
from .worlds import ADDRESSES, NOT_PAGES, World, world_of

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text(encoding="utf-8")
# The faint rings behind a sheet, the handle of a dialog: drawn by pseudo-elements, not under words.
RUN = """() => {
  const { options } = axe._audit.checks["color-contrast"];
  axe._audit.checks["color-contrast"].options = { ...options, ignorePseudo: true };
  return axe.run(document, { resultTypes: ["violations", "incomplete"] });
}"""
IS_ON_TIER = """(selector) =>
  document.querySelector(selector).closest(".card, .tiers-place, .pass-tier") !== null"""
# What a finger must hit; links within a sentence are as high as its line.
FINGER = 44
SMALL = """(least) => [...document.querySelectorAll(
  "button, .button, .tab, .row, .chip, .ticket, .reward-tile, .quiet-button, .topbar-place, " +
  "input:not([type=hidden], [type=checkbox], [type=radio]), select, summary, .section-head a"
)].filter((part) => part.checkVisibility()).map((part) => [part, part.getBoundingClientRect()])
  .filter(([, box]) => box.height > 0 && (box.height < least || box.width < least))
  .map(([part, box]) => `${part.outerHTML.slice(0, 90)} ${box.width} x ${box.height}`)"""
# Summed up from the beginning of the page.
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) sum += shift.value;
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(sum), 0)));
})"""
LOOKS = {
    "en": (("phone", PHONE, "light"), ("desktop", DESKTOP, "dark")),
    "zh": (("phone", PHONE, "dark"), ("desktop", DESKTOP, "light")),
}
MISSING = "/no-such-page/"


def role_of(name: str) -> str | None:
    """Who sees a page: its member before all others."""
    anonymous, member, operator = MATRIX[name]
    if name in ADDRESSES or member == SHOWN:
        return "member"
    if anonymous == SHOWN:
        return "anonymous"
    return "operator" if operator == SHOWN else None


def pages_of(role: str, world: World, client: Client) -> Iterator[tuple[str, str]]:
    """The names and addresses of what a role sees and a browser shows as a page."""
    for name in MATRIX:
        if role_of(name) != role or name in NOT_PAGES:
            continue
        address = reverse(name, kwargs=ADDRESSES[name](world) if name in ADDRESSES else None)
        answer = client.get(address)
        if answer["Content-Type"].startswith("text/html") and not answer.has_header(
            "Content-Disposition"
        ):
            yield name, address


def test_knows_an_address_for_every_page_of_a_single_thing() -> None:
    """Left: pages that are asked for with arguments and have no line in `worlds.ADDRESSES`."""
    single = {name for name in ARGUMENTS if ONLY_POST not in MATRIX[name]}
    assert single - NOT_PAGES == set(ADDRESSES) & single


@pytest.fixture
def walk(browser: Browser, live_server: LiveServer) -> Iterator[Open]:
    with opening(browser, live_server.url) as opened:
        yield opened


def faults(page: Page, name: str, language: str) -> Iterator[str]:
    """Violations, small targets and sideways scrolling, in two looks of four; and movement."""
    shifted = page.evaluate(SHIFT)
    if shifted:
        yield f"{name} moves by {shifted} while it loads"
    for screen, options, scheme in LOOKS[language]:
        page.set_viewport_size(options["viewport"])
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        look(page, f"{name}-{screen}-{scheme}-{language}")
        # As high as the page, so that the bar at its end lies over nothing.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": options["viewport"]["width"], "height": height})
        small = page.evaluate(SMALL, FINGER)
        yield from (f"{name} {screen} {scheme}: {fault}" for fault in violations(page) + small)


def violations(page: Page) -> list[str]:
    """What axe finds by all of its rules, and words whose contrast it cannot tell.

    On a tier's colours, which are gradients, `test_tier_styles.py` computes the contrast.
    """
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate(RUN)
    doubtful = [rule for rule in found["incomplete"] if rule["id"] == "color-contrast"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in found["violations"] + doubtful
        for node in rule["nodes"]
        if rule not in doubtful or not page.evaluate(IS_ON_TIER, node["target"][0])
    ]


def signed_in_page(walk: Open, live_server: LiveServer, login: User, **options: Any) -> Page:
    """A page with a session that needed no form."""
    client = Client()
    client.force_login(login, backend="members.adapters.LoginBackend")
    page = walk(**options)
    session = client.cookies["sessionid"]
    page.context.add_cookies(
        [{"name": "sessionid", "value": session.value, "url": live_server.url}]
    )
    return page


@pytest.mark.parametrize("language", LOOKS)
def test_is_open_to_everyone(
    walk: Open, live_server: LiveServer, storied: Member, language: str
) -> None:
    operator = OperatorFactory.create()
    world = world_of(storied, operator)
    people = {"member": login_of(storied), "operator": operator, "anonymous": None}
    options = {**PHONE, "device_scale_factor": 1, "locale": LOCALES[language]}
    walked, found = [], []
    for role, login in people.items():
        client = Client()
        if login is not None:
            client.force_login(login, backend="members.adapters.LoginBackend")
            page = signed_in_page(walk, live_server, login, **options)
        else:
            page = walk(**options)
        for name, address in pages_of(role, world, client):
            page.goto(address)
            found += faults(page, name, language)
            walked.append(name)
        if role == "member":
            page.goto("/")
            page.set_viewport_size(PHONE["viewport"])
            page.locator("[popovertarget=menu]").first.click()
            expect(page.locator("#menu")).to_be_visible()
            # What lies under the menu is not seen, which axe does not know.
            found += [fault for fault in violations(page) if "overlapped" not in fault]
            look(page, f"menu-{language}")
    assert found == []
    assert len(walked) == len(set(walked)) >= 23


def test_says_what_went_wrong_to_everyone(browser: Browser, live_server: LiveServer) -> None:
    """Pages of errors; that the browser notes their status is expected."""
    context = browser.new_context(base_url=live_server.url, service_workers="block", **PHONE)
    page = context.new_page()
    page.goto(MISSING)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        look(page, f"missing-{scheme}")
        assert violations(page) == []
    context.close()


def test_would_find_what_is_wrong(open_page: Open) -> None:
    """A control: words too pale, a button too small, a picture without words are told."""
    page = open_page(**PHONE)
    page.goto("/login/")
    assert violations(page) == page.evaluate(SMALL, FINGER) == []
    page.evaluate("document.querySelector('h1').style.color = '#bbb'")
    page.evaluate(
        "document.querySelector('main button').style.cssText = 'min-height: 0; height: 20px'"
    )
    page.evaluate("document.querySelector('main').append(new Image())")
    rules = {fault.partition(":")[0] for fault in violations(page)}
    assert rules == {"color-contrast", "image-alt"}
    assert len(page.evaluate(SMALL, FINGER)) == 1
