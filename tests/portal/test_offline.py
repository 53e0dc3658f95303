"""The card without a connection, and what is left on a phone after its member has signed out."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from members.models import Member
from tests.factories import member_with_login

from .browsing import LOCALES, PHONE, look, sign_in, wait_until

pytestmark = pytest.mark.browser

# The text of everything that this site keeps in the browser.
KEPT = """async () => {
  const texts = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const response = await cache.match(request);
      texts.push(request.url, await response.text());
    }
  }
  return texts.join("\\n");
}"""


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A phone with the worker at work: what it complains of without a connection is expected."""
    options: dict[str, Any] = {**PHONE, "locale": LOCALES["zh"], "reduced_motion": "reduce"}
    context = browser.new_context(base_url=live_server.url, **options)
    yield context.new_page()
    context.close()


def wait_for_worker(page: Page) -> None:
    """A page that was loading while the worker began is not its own yet: the next one is."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    wait_until(page, "navigator.serviceWorker.controller?.state === 'activated'")


def see_card(page: Page) -> None:
    page.goto("/card/")
    wait_until(page, "caches.has('card')")
    page.wait_for_load_state("networkidle")


def shown_number(member: Member) -> str:
    digits = member.card_number
    return " ".join(digits[start : start + 4] for start in range(0, 16, 4))


def test_shows_the_card_once_it_was_seen(phone: Page, storied: Member) -> None:
    sign_in(phone, storied)
    wait_for_worker(phone)
    see_card(phone)
    expect(phone.locator(".pass-offline")).to_be_hidden()
    phone.context.set_offline(True)
    phone.goto("/card/")
    expect(phone.locator(".pass-number")).to_contain_text(shown_number(storied))
    for picture in phone.locator(".pass img").all():
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    expect(phone.locator(".pass")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(phone.locator(".pass-tier")).to_have_css("color", "rgb(26, 22, 18)")
    expect(phone.locator(".pass-offline")).to_be_visible()
    look(phone, "card-offline")
    phone.goto("/points/")
    expect(phone.locator("h1")).to_have_text("当前没有网络连接")
    look(phone, "offline")
    phone.get_by_role("link", name="出示会员卡").click()
    expect(phone.locator(".pass-number")).to_contain_text(shown_number(storied))


def test_keeps_a_card_that_was_seen_before_the_worker_was_at_work(
    phone: Page, member: Member
) -> None:
    """From a link to the card, say: the very first page."""
    phone.goto("/login/?next=/card/")
    phone.evaluate("navigator.serviceWorker.getRegistration().then((found) => found?.unregister())")
    phone.locator("[name=login]").fill(str(member.phone))
    phone.locator("[name=password]").fill("a quiet harbour")
    phone.locator("main [type=submit]").click()
    phone.wait_for_url("**/card/")
    wait_until(phone, "caches.open('card').then(card => card.match('/card/bars.svg'))")
    wait_for_worker(phone)
    phone.context.set_offline(True)
    phone.reload()
    expect(phone.locator(".pass-number")).to_contain_text(shown_number(member))


def test_leaves_nothing_after_sign_out(phone: Page, storied: Member) -> None:
    sign_in(phone, storied)
    wait_for_worker(phone)
    phone.goto("/points/")
    see_card(phone)
    assert shown_number(storied) in phone.evaluate(KEPT)
    phone.goto("/")
    phone.locator("[popovertarget=menu]").first.click()
    phone.locator("#menu form[action='/logout/'] button").click()
    expect(phone.locator("[name=password]")).to_be_visible()
    wait_for_worker(phone)
    for personal in (shown_number(storied), storied.card_number, "小明"):
        assert personal not in phone.evaluate(KEPT)
    phone.go_back()
    expect(phone.locator("[name=password]")).to_be_visible()
    phone.context.set_offline(True)
    for address in ("/card/", "/", "/points/"):
        phone.goto(address)
        expect(phone.locator("h1")).to_have_text("当前没有网络连接")
        assert shown_number(storied) not in phone.content()


@pytest.mark.parametrize("address", ["/", "/join/", "/password/forgot/"])
def test_forgets_the_card_when_it_is_asked_to_sign_in(
    phone: Page, storied: Member, address: str
) -> None:
    """The session is over on the server: nobody has signed out here."""
    sign_in(phone, storied)
    wait_for_worker(phone)
    see_card(phone)
    Session.objects.all().delete()
    phone.goto(address)
    expect(phone.locator("[name=login]")).to_be_visible()
    assert shown_number(storied) not in phone.evaluate(KEPT)


def test_shows_no_card_but_that_of_whoever_is_signed_in(phone: Page, storied: Member) -> None:
    other = member_with_login(given_name="二")
    sign_in(phone, storied)
    wait_for_worker(phone)
    see_card(phone)
    phone.context.clear_cookies()
    sign_in(phone, other)
    wait_for_worker(phone)
    see_card(phone)
    assert shown_number(storied) not in phone.evaluate(KEPT)
    phone.context.set_offline(True)
    phone.goto("/card/")
    expect(phone.locator(".pass-number")).to_contain_text(shown_number(other))
