"""Joining and signing in in a real browser: with a phone, a keyboard, and without a script."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from members.models import Member
from tests.members.codes import Capsys, texted

from .browsing import DESKTOP, LOCALES, LOOKS, PHONE, Open, look

pytestmark = pytest.mark.browser

NUMBER = "+8613800138000"


def ask_for_a_code(page: Page) -> None:
    page.goto("/login/")
    page.locator("[name=login]").fill(NUMBER)
    page.locator("[formaction='/login/code/']").click()
    expect(page.locator("[name=code]")).to_be_focused()


def fill_in(page: Page) -> None:
    page.locator("[name=family_name]").fill("王")
    page.locator("[name=given_name]").fill("小明")
    page.locator("[name=terms]").check()
    page.locator("[name=sms]").check()


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_joins_without_a_script(
    open_page: Open, programme: None, capsys: Capsys, screen: dict[str, Any]
) -> None:
    page = open_page(**screen, locale="en-GB", java_script_enabled=False)
    ask_for_a_code(page)
    [(_to, code)] = texted(capsys)
    page.locator("[name=code]").fill(code)
    page.keyboard.press("Enter")
    fill_in(page)
    page.locator("main [type=submit]").click()
    expect(page.locator(".card")).to_be_visible()
    assert Member.objects.get().display_name == "王小明"


@pytest.mark.parametrize(("screen", "scheme", "language"), LOOKS)
def test_shows_joining_in_every_look(
    open_page: Open,
    programme: None,
    capsys: Capsys,
    screen: dict[str, Any],
    scheme: str,
    language: str,
    request: pytest.FixtureRequest,
) -> None:
    look_id = request.node.callspec.id
    page = open_page(
        **screen, color_scheme=scheme, locale=LOCALES[language], reduced_motion="reduce"
    )
    page.goto("/join/")
    look(page, f"join-{look_id}")
    page.locator("[name=login]").fill(NUMBER)
    page.locator("main [type=submit]").click()
    expect(page.locator("[name=code]")).to_be_visible()
    look(page, f"join-code-{look_id}")
    page.locator("[name=code]").fill(digits(capsys))
    page.locator("main [type=submit]").first.click()
    expect(page.locator("[name=terms]")).to_be_visible()
    page.locator("summary").click()
    look(page, f"join-details-{look_id}")
    fill_in(page)
    page.locator("main [type=submit]").click()
    expect(page.locator(".card")).to_be_visible()
    for name in ("", "devices/", "phone/", "password/", "second-step/on/"):
        page.goto(f"/account/{name}")
        look(page, f"account-{name.strip('/').replace('/', '-') or 'settings'}-{look_id}")


def digits(capsys: Capsys) -> str:
    """The code of the only message, whatever language it is in."""
    out = capsys.readouterr().out
    return "".join(letter for letter in out.split("]\n")[1].split("\n")[0] if letter.isdigit())
