"""The steps of a member's whole way through the portal, by taps or by keyboard alone.

A journey is a list of steps; each leaves the page where the next one begins from the navigation.
To make it longer, write a step and put it into the list of `test_journeys.py`.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from zipfile import ZipFile

from playwright.sync_api import Download, Locator, Page, expect

from benefits.models import Coupon, Registration, RewardOrder
from common import clock
from loyalty.models import Activity
from loyalty.services.points import earn_points
from members.jobs import erase_members
from members.models import Agreement, ErasureRequest, Member
from tests.factories import PASSWORD
from tests.members.codes import Capsys

IS_ACTIVE = "part => part === document.activeElement"
MOST_TABS = 120
CODE = re.compile(r"\b\d{6}\b")


@dataclass
class Traveller:
    """Someone on the way: how they press things, and whether their browser runs scripts.

    `member` is known from when they have joined or claimed what the till began.
    """

    page: Page
    phone: str
    messages: Capsys
    has_scripts: bool
    has_only_keys: bool
    pk: int = 0

    @property
    def member(self) -> Member:
        return Member.objects.get(pk=self.pk)

    def press(self, target: Locator) -> None:
        """A tap; or Tab until it has the focus, then Enter."""
        expect(target).to_be_visible()
        if self.has_only_keys:
            self.reach(target)
            self.page.keyboard.press("Enter")
        else:
            target.click()

    def write(self, target: Locator, text: str) -> None:
        if self.has_only_keys:
            self.reach(target)
            self.page.keyboard.type(text)
        else:
            target.fill(text)

    def tick(self, box: Locator) -> None:
        if self.has_only_keys:
            self.reach(box)
            self.page.keyboard.press("Space")
        else:
            box.check()

    def reach(self, target: Locator) -> None:
        """By Tab alone; past the navigation by the link that skips it, where Tab comes to it.

        A page that arrives between two keys takes the first one with it: so each key asks anew.
        """
        is_in_main = target.evaluate("part => Boolean(part.closest('main'))")
        skip = self.page.locator(".skip-link")
        for _step in range(MOST_TABS):
            if target.evaluate(IS_ACTIVE):
                return
            self.page.keyboard.press("Tab")
            if is_in_main and skip.evaluate(IS_ACTIVE):
                self.page.keyboard.press("Enter")
        raise AssertionError(f"The keyboard does not reach {target}.")

    def go(self, address: str) -> None:
        """By the navigation: the bar or the column, else the phone's menu."""
        link = self.page.locator(f".tabbar a.tab[href='{address}']")
        if not link.is_visible():
            self.press(self.page.locator(".tabbar [popovertarget=menu]"))
            link = self.page.locator(f"#menu a.row[href='{address}']")
        self.press(link)
        self.page.wait_for_url(f"**{address}")

    def take(self, link: Locator) -> Download:
        with self.page.expect_download() as taken:
            self.press(link)
        return taken.value

    def sees_toast(self) -> None:
        expect(self.page.locator("#toasts .toast-success").first).to_be_visible()


def join(traveller: Traveller) -> None:
    """From the page that asks to sign in: a code by text message, then a name and a password.

    Whoever has a membership from a till finds it and gives no name.
    """
    page = traveller.page
    began = Member.objects.filter(phone=traveller.phone).first()
    page.goto("/")
    traveller.press(page.locator("main a[href^='/join/']"))
    traveller.write(page.locator("[name=login]"), traveller.phone)
    traveller.press(page.locator("main [type=submit]"))
    expect(page.locator("[name=code]")).to_be_visible()
    [code] = CODE.findall(traveller.messages.readouterr().out)
    traveller.write(page.locator("[name=code]"), code)
    traveller.press(page.locator("main [type=submit]").first)
    if began is None:
        traveller.write(page.locator("[name=family_name]"), "王")
        traveller.write(page.locator("[name=given_name]"), "小明")
    traveller.write(page.locator("[name=password]"), PASSWORD)
    traveller.tick(page.locator("[name=terms]"))
    traveller.press(page.locator("main [type=submit]"))
    expect(page.locator(".card")).to_be_visible()
    member = Member.objects.get(phone=traveller.phone)
    assert began is None or member.card_number == began.card_number
    assert member.user is not None
    assert Agreement.objects.of(member).count() == 1
    traveller.pk = member.pk


def buy_at_the_till(traveller: Traveller) -> None:
    """A thousand points to spend."""
    earned_at = clock.now() - timedelta(days=20)
    earn_points(member=traveller.member, points=1_000, key="till", now=earned_at)
    traveller.page.reload()
    expect(traveller.page.locator(".balance-figure")).to_contain_text("1,000")


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
    assert Activity.objects.filter(member=traveller.pk, kind="check_in").count() == 1


def claim_coupon(traveller: Traveller) -> None:
    """With a script the offer stays in its place and says that it is taken."""
    page = traveller.page
    traveller.go("/coupons/")
    traveller.press(page.locator("main a[href='/coupons/offers/']").first)
    traveller.press(page.locator(".offer form[action$='claim/'] button").first)
    if traveller.has_scripts:
        traveller.sees_toast()
        assert urlsplit(page.url).path == "/coupons/offers/"
        traveller.press(page.locator(".offer a[href^='/coupons/']").first)
    expect(page.locator(".coupon-qr")).to_be_visible()
    assert Coupon.objects.filter(member=traveller.pk).count() == 1


def register_for_event(traveller: Traveller) -> None:
    """With a script the event stays in its place and leads to the ticket."""
    page = traveller.page
    traveller.go("/events/")
    traveller.press(page.locator("a.event-tile").first)
    traveller.press(page.locator("#event form[action$='register/'] button"))
    if traveller.has_scripts:
        traveller.sees_toast()
        assert "/places/" not in page.url
        traveller.press(page.locator("#event a[href^='/events/places/']"))
    expect(page.locator(".coupon-qr")).to_be_visible()
    assert Registration.objects.get(member=traveller.pk).status == Registration.Status.CONFIRMED


def redeem_reward(traveller: Traveller) -> None:
    page = traveller.page
    traveller.go("/rewards/")
    traveller.press(page.locator("a.reward-tile").first)
    traveller.press(page.locator("main a[href$='/redeem/']"))
    traveller.press(page.locator("main form button"))
    expect(page.locator(".order-steps")).to_be_visible()
    traveller.sees_toast()
    assert RewardOrder.objects.get(member=traveller.pk).status == RewardOrder.Status.PENDING


def cancel_order(traveller: Traveller) -> None:
    page = traveller.page
    traveller.press(page.locator("main a[href$='/cancel/']"))
    traveller.press(page.locator("main form button"))
    expect(page.locator(".order-steps")).to_be_visible()
    traveller.sees_toast()
    assert RewardOrder.objects.get(member=traveller.pk).status == RewardOrder.Status.CANCELLED


def cancel_seat(traveller: Traveller) -> None:
    """By the list of one's own events."""
    page = traveller.page
    traveller.go("/events/")
    traveller.press(page.locator("main a[href='/events/mine/']"))
    traveller.press(page.locator("main a.event-row"))
    traveller.press(page.locator("main a[href$='/cancel/']"))
    traveller.press(page.locator("main form button"))
    traveller.sees_toast()
    assert Registration.objects.get(member=traveller.pk).status == Registration.Status.CANCELLED


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


def take_data_away(traveller: Traveller) -> None:
    """As a file for programs and as files for spreadsheets, with what was done on the way."""
    page = traveller.page
    traveller.go("/me/")
    traveller.press(page.locator("main a.row[href='/me/privacy/']"))
    told = json.loads(traveller.take(page.locator("main a[href$='data.json']")).path().read_text())
    assert told["tables"]["members.member"][0]["phone"] == traveller.phone
    files = ZipFile(traveller.take(page.locator("main a[href$='data.zip']")).path())
    for table in ("loyalty.activity", "benefits.coupon", "benefits.registration"):
        assert len(told["tables"][table]) == 1
        assert f"{table}.csv" in files.namelist()
    assert len(told["tables"]["benefits.rewardorder"]) == 1


def leave(traveller: Traveller) -> None:
    """Ask to be erased, and see on another page that there is time to think again."""
    page = traveller.page
    traveller.press(page.locator("main a[href='/me/erase/']"))
    expect(page.locator(".losses")).to_contain_text("1,005")
    traveller.tick(page.locator("main [name=is_sure]"))
    traveller.press(page.locator("main .button-danger"))
    expect(page.locator(".erasure-banner")).to_be_visible()
    traveller.go("/")
    expect(page.locator(".card")).to_be_visible()
    expect(page.locator(".erasure-banner")).to_be_visible()
    assert ErasureRequest.objects.get(member=traveller.pk).is_open


def is_forgotten(traveller: Traveller) -> None:
    """The night after the seven days: nobody is signed in, and nobody can sign in."""
    page = traveller.page
    request = ErasureRequest.objects.get(member=traveller.pk)
    erase_members(clock.business_date(request.due_at), traveller.pk, traveller.pk)
    page.goto("/")
    traveller.write(page.locator("[name=login]"), traveller.phone)
    traveller.write(page.locator("[name=password]"), PASSWORD)
    traveller.press(page.locator("main form [type=submit]").first)
    expect(page.locator("main .errorlist")).to_be_visible()
    member = traveller.member
    assert (member.is_closed, member.user_id, member.phone) == (True, None, None)
