"""The member's own corner in a real Chromium: every look, without a script, and the way out."""

import json
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from benefits.models import TierGift
from benefits.services.redeeming import redeem_reward
from common import clock
from loyalty.models import Ladder, PointsMoney, Tier
from members.models import Consent, ErasureRequest, Member
from members.services import record_consent
from tests.benefits.offers import coupon_for, offer
from tests.benefits.perks import perk
from tests.benefits.rewards import reward
from tests.factories import StoreFactory

from .browsing import DESKTOP, LOCALES, LOOKS, PHONE, Open, go, look, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def settled(storied: Member) -> Member:
    """With a coupon, an order that waits, consents that changed, and a programme with rules."""
    now = clock.now()
    Ladder.objects.create()
    PointsMoney.objects.create(is_offered=True)
    Tier.objects.filter(code="gold").update(points_per_money=80)
    perk(Tier.objects.get(code="gold"))
    TierGift.objects.create(
        tier=Tier.objects.get(code="gold"), name_en="Hello", points=100, starts_on=now.date()
    )
    StoreFactory.create(name_en="Bund store", name_zh="外滩店")
    coupon_for(storied, offer(validity="never"), now=now)
    redeem_reward(reward=reward(points=100), member=storied, key="k", now=now)
    for channel, is_granted, source in (
        ("sms", True, "till"),
        ("sms", False, "portal"),
        ("email", True, "sign-up"),
    ):
        record_consent(member=storied, channel=channel, is_granted=is_granted, source=source)
    return storied


@pytest.mark.parametrize(("screen", "scheme", "language"), LOOKS)
def test_shows_the_members_own_corner_in_every_look(
    open_page: Open,
    settled: Member,
    screen: dict[str, Any],
    scheme: str,
    language: str,
    request: pytest.FixtureRequest,
) -> None:
    look_id = request.node.callspec.id
    page = open_page(
        **screen, color_scheme=scheme, locale=LOCALES[language], reduced_motion="reduce"
    )
    sign_in(page, settled)
    go(page, "/me/")
    expect(page.locator(".me .rows")).to_be_visible()
    look(page, f"me-{look_id}")
    for name in ("profile", "privacy", "erase"):
        page.goto(f"/me/{name}/")
        for summary in page.locator("main summary").all():
            summary.click()
        look(page, f"{name}-{look_id}")
    page.goto("/help/")
    look(page, f"help-{look_id}")
    page.goto("/me/erase/")
    page.locator("main [name=is_sure]").check()
    page.locator("main .button-danger").click()
    expect(page.locator(".erasure-banner")).to_be_visible()
    look(page, f"erase-asked-{look_id}")
    page.goto("/")
    look(page, f"home-erasure-{look_id}")


def leave_and_stay(page: Page, member: Member) -> None:
    """Ask to be erased, see it on another page, take it back."""
    page.goto("/me/erase/")
    page.locator("main .button-danger").click()
    expect(page.locator(".errorlist")).to_be_visible()
    page.locator("main [name=is_sure]").check()
    page.locator("main .button-danger").click()
    expect(page.locator(".erasure-banner")).to_be_visible()
    assert ErasureRequest.objects.get().is_open
    page.goto("/points/")
    page.locator(".erasure-banner form button").click()
    expect(page.locator("#toasts .toast-success")).to_be_visible()
    expect(page.locator(".erasure-banner")).to_have_count(0)
    assert not ErasureRequest.objects.get().is_open


@pytest.mark.parametrize("has_script", [True, False])
def test_leaves_and_stays_with_and_without_a_script(
    open_page: Open, settled: Member, has_script: bool
) -> None:
    page = open_page(**PHONE, locale="en-GB", java_script_enabled=has_script)
    sign_in(page, settled)
    leave_and_stay(page, settled)


def test_takes_the_data_away_and_switches_a_channel(open_page: Open, settled: Member) -> None:
    page = open_page(**DESKTOP, locale="en-GB", java_script_enabled=False)
    sign_in(page, settled)
    page.goto("/me/privacy/")
    with page.expect_download() as as_json:
        page.get_by_text("For programs (JSON)").click()
    told = json.loads(as_json.value.path().read_text())
    assert told["tables"]["members.member"][0]["card_number"] == settled.card_number
    with page.expect_download() as as_csv:
        page.get_by_text("For spreadsheets (CSV)").click()
    assert "loyalty.pointsentry.csv" in ZipFile(as_csv.value.path()).namelist()
    page.get_by_label("Switch on: text message").click()
    expect(page.locator("#toasts .toast-success")).to_contain_text("Text message is switched on.")
    assert Consent.objects.current(settled)["sms"] is True


def test_writes_the_profile_by_keyboard(open_page: Open, settled: Member) -> None:
    page = open_page(**DESKTOP, locale="en-GB")
    sign_in(page, settled)
    page.goto("/me/profile/")
    page.locator("[name=family_name]").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Lin")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("Anna")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts .toast-success")).to_contain_text("Your profile is saved.")
    settled.refresh_from_db()
    assert settled.display_name == "Anna Lin"
