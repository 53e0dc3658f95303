"""A link for friends in a real Chromium: sent as the phone does, else copied, else read."""

import pytest
from playwright.sync_api import expect

from benefits.services.sharing import share_coupon
from common import clock
from members.models import Member
from tests.benefits.offers import coupon_for, offer

from .browsing import PHONE, Open, sign_in

pytestmark = pytest.mark.browser

PHONE_SENDS = "navigator.share = (asked) => { window.sent = asked.url; return Promise.resolve(); };"
NOTHING_SENDS = "Object.defineProperty(navigator, 'share', { value: undefined });"


def link_of(member: Member) -> str:
    coupon = coupon_for(member, offer(friend_template=offer("friend")), now=clock.now())
    return f"/coupons/shared/{share_coupon(coupon=coupon).code}/"


def test_is_sent_as_the_phone_does(open_page: Open, member: Member) -> None:
    page = open_page(**PHONE, locale="en-GB")
    page.add_init_script(PHONE_SENDS)
    sign_in(page, member)
    page.goto(link := link_of(member))
    page.get_by_role("button", name="Send the link").click()
    assert page.evaluate("window.sent").endswith(link)


def test_is_copied_where_nothing_sends(open_page: Open, member: Member) -> None:
    page = open_page(locale="en-GB", permissions=["clipboard-read", "clipboard-write"])
    page.add_init_script(NOTHING_SENDS)
    sign_in(page, member)
    page.goto(link := link_of(member))
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("The link is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith(link)


def test_is_read_without_a_script(open_page: Open, member: Member) -> None:
    page = open_page(**PHONE, locale="en-GB", java_script_enabled=False)
    sign_in(page, member)
    page.goto(link := link_of(member))
    expect(page.get_by_text(link)).to_be_visible()
    expect(page.get_by_role("button", name="Send the link")).to_be_hidden()
