"""The steps of a member's way through the portal, by clicks or by keyboard alone.

A journey is a list of steps; each leaves the page where the next one begins from the navigation.
To make it longer, write a step and put it into the list of `test_journeys.py`.
"""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from benefits.models import Coupon, RewardOrder
from loyalty.models import Activity
from members.models import Member
from tests.factories import PASSWORD

MOST_TABS = 120


@dataclass(frozen=True)
class Traveller:
    """Someone on the way: how they press things, and whether their browser runs scripts."""

    page: Page
    member: Member
    has_scripts: bool
    has_only_keys: bool

    def press(self, target: Locator) -> None:
        """A tap; or Tab until it has the focus, then Enter."""
        expect(target).to_be_visible()
        if not self.has_only_keys:
            target.click()
            return
        for _step in range(MOST_TABS):
            if target.evaluate("part => part === document.activeElement"):
                self.page.keyboard.press("Enter")
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"The keyboard does not reach {target}.")

    def write(self, target: Locator, text: str) -> None:
        if self.has_only_keys:
            for _step in range(MOST_TABS):
                if target.evaluate("part => part === document.activeElement"):
                    break
                self.page.keyboard.press("Tab")
            self.page.keyboard.type(text)
        else:
            target.fill(text)

    def go(self, address: str) -> None:
        """By the navigation: the bar or the column, else the phone's menu."""
        link = self.page.locator(f".tabbar a.tab[href='{address}']")
        if not link.is_visible():
            self.press(self.page.locator(".tabbar [popovertarget=menu]"))
            link = self.page.locator(f"#menu a.row[href='{address}']")
        self.press(link)
        self.page.wait_for_url(f"**{address}")

    def sees_toast(self) -> None:
        expect(self.page.locator("#toasts .toast-success").first).to_be_visible()


def sign_in(traveller: Traveller) -> None:
    page = traveller.page
    page.goto("/")
    traveller.write(page.locator("[name=login]"), str(traveller.member.phone))
    traveller.write(page.locator("[name=password]"), PASSWORD)
    traveller.press(page.locator("main form button[type=submit]").first)
    expect(page.locator(".card")).to_be_visible()


def look_at_card(traveller: Traveller) -> None:
    traveller.go("/card/")
    expect(traveller.page.locator(".pass-qr")).to_be_visible()
    traveller.press(traveller.page.locator(".pass-close"))
    expect(traveller.page.locator(".card")).to_be_visible()


def check_in(traveller: Traveller) -> None:
    """By the line on the home page."""
    page = traveller.page
    traveller.press(page.locator("main a.row[href='/check-in/']"))
    traveller.press(page.locator("#check-in form button"))
    expect(page.locator(".check-in-done")).to_be_visible()
    traveller.sees_toast()
    assert Activity.objects.filter(member=traveller.member, kind="check_in").count() == 1


def claim_coupon(traveller: Traveller) -> None:
    """With a script the offer stays in its place and says that it is taken."""
    page = traveller.page
    traveller.go("/coupons/")
    traveller.press(page.locator("main a[href='/coupons/offers/']").first)
    traveller.press(page.locator(".offer form[action$='claim/'] button").first)
    if traveller.has_scripts:
        traveller.sees_toast()
        assert page.url.endswith("/coupons/offers/")
        traveller.press(page.locator(".offer a[href^='/coupons/']").first)
    expect(page.locator(".coupon-qr")).to_be_visible()
    assert Coupon.objects.filter(member=traveller.member).count() == 1


def redeem_reward(traveller: Traveller) -> None:
    page = traveller.page
    traveller.go("/rewards/")
    traveller.press(page.locator("a.reward-tile").first)
    traveller.press(page.locator("main a[href$='/redeem/']"))
    traveller.press(page.locator("main form button"))
    expect(page.locator(".order-steps")).to_be_visible()
    traveller.sees_toast()
    assert RewardOrder.objects.get(member=traveller.member).status == RewardOrder.Status.PENDING


def cancel_order(traveller: Traveller) -> None:
    page = traveller.page
    traveller.press(page.locator("main a[href$='/cancel/']"))
    traveller.press(page.locator("main form button"))
    expect(page.locator(".order-steps")).to_be_visible()
    traveller.sees_toast()
    assert RewardOrder.objects.get(member=traveller.member).status == RewardOrder.Status.CANCELLED


def read_history(traveller: Traveller) -> None:
    """Only what was used: the redemption, and what its cancelling gave back."""
    page = traveller.page
    traveller.go("/points/")
    traveller.press(page.locator("#history a.chip[href$='show=used']"))
    expect(page.locator("#history a.chip[href$='show=used']")).to_have_attribute(
        "aria-current", "true"
    )
    expect(page.locator("#history summary.entry")).to_have_count(2)
    traveller.press(page.locator("#history summary.entry").first)
    expect(page.locator(".why").first).to_be_visible()


def sign_out(traveller: Traveller) -> None:
    page = traveller.page
    form: Any = page.locator(".side-foot form[action='/logout/'] button")
    if not form.is_visible():
        traveller.press(page.locator(".tabbar [popovertarget=menu]"))
        form = page.locator("#menu form[action='/logout/'] button")
    traveller.press(form)
    expect(page.locator("[name=password]")).to_be_visible()
