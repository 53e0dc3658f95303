"""The portal in a real Chromium: small and large, light and dark, both languages."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from benefits.models import Reward, RewardOrder
from benefits.services.batches import issue_next, promise_codes
from benefits.services.reward_pictures import set_reward_picture
from common import clock
from loyalty.jobs import notify_expiring_points
from loyalty.models import PointType, Tier
from loyalty.services.configuration import create_rule
from loyalty.services.points import earn_points
from members.models import Member
from tests.benefits.offers import offer, percent_offer, window
from tests.benefits.pictures import PNG
from tests.benefits.rewards import lottery, reward, reward_window

from .browsing import DESKTOP, LOCALES, LOOKS, PHONE, Open, go, look, sign_in

pytestmark = pytest.mark.browser

WORDS = {
    "en": {"points": "Points", "older": "Older", "title": "Points to spend"},
    "zh": {"points": "积分", "older": "更早", "title": "可用积分"},
}


@pytest.mark.parametrize(("screen", "scheme", "language"), LOOKS)
def test_shows_every_page_in_every_look(
    open_page: Open,
    storied: Member,
    screen: dict[str, Any],
    scheme: str,
    language: str,
    request: pytest.FixtureRequest,
) -> None:
    look_id = request.node.callspec.id
    notify_expiring_points(clock.today(), storied.pk, storied.pk)
    visit = {"trigger": "check_in", "point_type": PointType.objects.base()}
    create_rule(code="visit", name_en="Check-in", points=5, **visit)
    page = open_page(
        **screen, color_scheme=scheme, locale=LOCALES[language], reduced_motion="reduce"
    )
    page.goto("/login/")
    look(page, f"sign-in-{look_id}")
    sign_in(page, storied)
    look(page, f"home-{look_id}")
    page.locator(".card").click()
    expect(page.locator(".pass-qr")).to_be_visible()
    look(page, f"card-{look_id}")
    page.locator(".pass-close").click()
    page.locator(".balance-figure a").click()
    expect(page.locator("h1")).to_have_text(WORDS[language]["points"])
    look(page, f"points-{look_id}")
    for line in page.locator("summary").all():
        line.click()
    look(page, f"why-{look_id}")
    page.goto("/tier/")
    expect(page.locator(".rung")).to_have_count(3)
    look(page, f"tier-{look_id}")
    page.goto("/inbox/")
    expect(page.locator(".message-row.is-unread")).to_have_count(5)
    look(page, f"inbox-{look_id}")
    page.goto("/check-in/")
    look(page, f"check-in-{look_id}")
    page.locator("main form button").click()
    expect(page.locator(".check-in-done")).to_be_visible()
    look(page, f"checked-in-{look_id}")


def offers_of_every_sort(lowest: Tier) -> None:
    price = offer("friend", amount=Decimal(5))
    window(offer(stock=3, friend_template=price), lowest, clock.now())
    window(offer("group", group_size=3, group_hours=24), lowest, clock.now())
    window(percent_offer("50", ceiling=Decimal(100)), lowest, clock.now() + timedelta(days=1))


@pytest.mark.parametrize(("screen", "scheme", "language"), LOOKS)
def test_shows_coupons_in_every_look(
    open_page: Open,
    member: Member,
    screen: dict[str, Any],
    scheme: str,
    language: str,
    request: pytest.FixtureRequest,
) -> None:
    look_id = request.node.callspec.id
    offers_of_every_sort(Tier.objects.get(rank=0))
    page = open_page(
        **screen, color_scheme=scheme, locale=LOCALES[language], reduced_motion="reduce"
    )
    sign_in(page, member)
    page.goto("/coupons/")
    look(page, f"coupons-empty-{look_id}")
    page.goto("/coupons/offers/")
    look(page, f"coupon-offers-{look_id}")
    page.locator(".offer form[action$='claim/'] button").click()
    expect(page.locator("#toasts .toast-success")).to_be_visible()
    look(page, f"coupon-taken-{look_id}")
    page.locator(".offer a").click()
    expect(page.locator(".coupon-qr")).to_be_visible()
    look(page, f"coupon-{look_id}")
    page.locator("form[action$='share/'] button").click()
    expect(page.locator(".share-address")).to_be_visible()
    look(page, f"coupon-shared-{look_id}")
    page.goto("/coupons/offers/")
    page.locator(".offer form[action$='group/'] button").click()
    expect(page.locator(".share-address")).to_be_visible()
    look(page, f"coupon-group-{look_id}")
    page.goto("/coupons/")
    look(page, f"coupons-{look_id}")


def rewards_of_every_sort(lowest: Tier) -> None:
    mug = reward(
        "mug", stock=12, description_en="Stoneware, 350 ml.", description_zh="粗陶，350 毫升。"
    )
    set_reward_picture(reward=mug, content=PNG)
    week = clock.now() + timedelta(days=7)
    reward(
        "tea",
        name_en="First flush, 50 g",
        name_zh="明前春茶 50 克",
        points=500,
        money=Decimal("9.90"),
        promotional_points=400,
        promotion_starts_at=clock.now(),
        promotion_ends_at=week,
        is_sent=True,
    )
    reward("bag", name_en="Canvas bag", name_zh="帆布袋", points=2_000, stock=100, is_numbered=True)
    later = reward("cup", name_en="Spring cup", name_zh="春日杯", points=100)
    reward_window(later, lowest, week)
    lottery(name_zh="幸运抽奖")


@pytest.mark.parametrize(("screen", "scheme", "language"), LOOKS)
def test_shows_rewards_in_every_look(
    open_page: Open,
    member: Member,
    screen: dict[str, Any],
    scheme: str,
    language: str,
    request: pytest.FixtureRequest,
) -> None:
    look_id = request.node.callspec.id
    page = open_page(
        **screen, color_scheme=scheme, locale=LOCALES[language], reduced_motion="reduce"
    )
    sign_in(page, member)
    page.goto("/rewards/")
    look(page, f"rewards-empty-{look_id}")
    earn_points(member=member, points=1_000, key="e", now=clock.now() - timedelta(days=20))
    rewards_of_every_sort(Tier.objects.get(rank=0))
    page.goto("/rewards/")
    look(page, f"rewards-{look_id}")
    page.goto("/")
    look(page, f"home-rewards-{look_id}")
    for code in ("draw", "tea"):
        address = f"/rewards/{Reward.objects.get(code=code).pk}/"
        page.goto(address)
        look(page, f"reward-{code}-{look_id}")
        page.goto(f"{address}redeem/")
        look(page, f"redeem-{code}-{look_id}")
    page.locator("[name=deliver_to]").fill("5 Tea Lane")
    page.locator("main form button").click()
    expect(page.locator(".order-steps")).to_be_visible()
    look(page, f"order-{look_id}")
    page.locator("a[href$='/cancel/']").click()
    look(page, f"order-cancel-{look_id}")
    page.goto("/rewards/orders/")
    look(page, f"orders-{look_id}")


def test_redeems_and_cancels_without_a_script(open_page: Open, member: Member) -> None:
    earn_points(member=member, points=1_000, key="e", now=clock.now() - timedelta(days=20))
    item = reward(stock=2)
    page = open_page(**PHONE, locale="en-GB", java_script_enabled=False)
    sign_in(page, member)
    page.locator("nav.tabbar a:has-text('Rewards')").click()
    page.locator(".reward-tile").click()
    page.locator("a[href$='/redeem/']").click()
    page.locator("main form button").dblclick()
    expect(page.locator(".reward-sheet .badge")).to_have_text("Being prepared")
    assert RewardOrder.objects.count() == 1
    page.locator("a[href$='/cancel/']").click()
    page.locator("main form button").click()
    expect(page.locator(".reward-sheet .badge")).to_have_text("Cancelled")
    item.refresh_from_db()
    assert item.taken == 0


def test_two_taps_with_a_script_take_one_coupon(open_page: Open, member: Member) -> None:
    window(offer(), Tier.objects.get(rank=0), clock.now())
    page = open_page(**DESKTOP, locale="en-GB")
    sign_in(page, member)
    page.goto("/coupons/offers/")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    page.locator(".offer form button").dblclick()
    expect(page.locator(".offer a")).to_be_visible()
    assert (len(sent), member.coupons.count()) == (1, 1)


def test_takes_and_enters_coupons_without_a_script(open_page: Open, member: Member) -> None:
    offers_of_every_sort(Tier.objects.get(rank=0))
    batch = promise_codes(template=offer("flyer"), count=1, key="b")
    code = issue_next(batch=batch).coupons.get().shown_code
    page = open_page(**PHONE, locale="en-GB", java_script_enabled=False)
    sign_in(page, member)
    page.goto("/coupons/offers/")
    page.locator(".offer form[action$='claim/'] button").dblclick()
    expect(page.locator(".coupon-qr")).to_be_visible()
    page.goto("/coupons/")
    page.locator("[name=code]").fill("2222 2222 2222")
    page.locator(".coupon-enter button").click()
    expect(page.locator(".errorlist")).to_have_text("There is no such coupon. Check the code.")
    page.locator("[name=code]").fill(code.lower())
    page.locator(".coupon-enter button").click()
    expect(page.locator(".coupon-number")).to_contain_text(code)
    assert member.coupons.count() == 2


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_switches_the_language_and_signs_out_without_a_script(
    open_page: Open, storied: Member, screen: dict[str, Any]
) -> None:
    page = open_page(**screen, locale="en-GB", java_script_enabled=False)
    sign_in(page, storied)
    expect(page.locator(".home-points h2")).to_have_text(WORDS["en"]["title"])
    settings = open_settings(page, screen)
    settings.locator("button[lang=zh-hans]").click()
    page.goto("/")
    expect(page.locator(".home-points h2")).to_have_text(WORDS["zh"]["title"])
    page.goto("/points/")
    page.locator(".entries summary").first.click()
    expect(page.locator(".why").first).to_be_visible()
    open_settings(page, screen).locator("form:not(.language) button").click()
    expect(page.locator("[name=password]")).to_be_visible()


def open_settings(page: Page, screen: dict[str, Any]) -> Any:
    if screen is DESKTOP:
        return page.locator(".side-foot")
    go(page, "/me/")
    return page.locator(".me-foot")


def test_loads_older_lines_in_place(open_page: Open, member: Member) -> None:
    for number in range(25):
        earn_points(member=member, points=number + 1, key=str(number))
    page = open_page(**PHONE, locale="en-GB")
    sign_in(page, member)
    page.goto("/points/")
    expect(page.locator(".entries summary")).to_have_count(20)
    page.get_by_text(WORDS["en"]["older"]).click()
    expect(page.locator(".entries summary")).to_have_count(25)
    look(page, "points-older")


def test_welcomes_a_member_with_nothing_yet(open_page: Open, member: Member) -> None:
    page = open_page(**PHONE, locale="zh-CN")
    sign_in(page, member)
    look(page, "home-empty")
    page.goto("/points/")
    look(page, "points-empty")
    page.goto("/inbox/")
    look(page, "inbox-empty")


def test_reads_messages_without_a_script(open_page: Open, storied: Member) -> None:
    page = open_page(**PHONE, locale="en-GB", java_script_enabled=False)
    sign_in(page, storied)
    expect(page.locator(".topbar .tab-count")).to_have_text("4")
    page.locator(".topbar-place").click()
    page.locator(".message-row button").first.click()
    expect(page.locator(".message-row.is-unread")).to_have_count(3)
    expect(page.locator(".topbar .tab-count")).to_have_text("3")
    page.get_by_text("Mark all as read").click()
    expect(page.locator(".message-row.is-unread")).to_have_count(0)
    expect(page.locator(".tab-count")).to_have_count(0)


def test_reaches_everything_by_keyboard(open_page: Open, storied: Member) -> None:
    page = open_page(**DESKTOP, locale="en-GB")
    sign_in(page, storied)
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".card")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".pass-qr")).to_be_visible()
