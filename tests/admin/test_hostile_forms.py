"""Whatever is typed into the forms of benefits is refused in words or does no harm later."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from benefits.models import CouponTemplate, Reward
from loyalty.models import Tier
from members.models import Segment
from tests.admin.test_coupons import form as coupon_form
from tests.admin.test_rewards import form as reward_form
from tests.factories import MemberFactory, member_with_login
from tests.loyalty.programmes import full_programme

pytestmark = pytest.mark.django_db

NUMBERS = ["-1", "1e400", "NaN", "9" * 30, "9223372036854775807", "\x00"]
DATES = ["0001-01-01", "1900-01-01", "9999-12-31", "2025-02-30"]
PERIODS = ["-1D", "100Y", "9999Y", "@13-45", "never"]
TEXTS = ["\x00", "x" * 5_000, "<script>"]


def windows(tier: Tier, *prefixes: str) -> dict[str, str]:
    """A row of each of these inlines that is open for years."""
    rows: dict[str, str] = {}
    for prefix in prefixes:
        rows |= {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-0-tier": str(tier.pk)}
        rows |= {f"{prefix}-0-opens_at_0": "2020-01-01", f"{prefix}-0-opens_at_1": "00:00"}
        rows |= {f"{prefix}-0-closes_at_0": "2099-01-01", f"{prefix}-0-closes_at_1": "00:00"}
    return rows


TEMPLATE: dict[str, list[str]] = {
    **dict.fromkeys(("amount", "minimum_spend", "stock", "per_member_limit"), NUMBERS),
    "friends_per_coupon": NUMBERS,
    **dict.fromkeys(("starts_on", "windows-0-opens_at_0", "windows-0-closes_at_0"), DATES),
    **dict.fromkeys(("name_en", "exclusive_group"), TEXTS),
    "validity": PERIODS,
}
GROUP_NUMBERS = [*NUMBERS, "70000", "１２"]
GROUP = dict.fromkeys(("group_size", "group_hours"), GROUP_NUMBERS)
REWARD: dict[str, list[str]] = {
    **dict.fromkeys(("points", "money", "stock", "per_member_limit", "return_days"), NUMBERS),
    **dict.fromkeys(("minimum_spend", "spend_days", "prices-0-points"), NUMBERS),
    **dict.fromkeys(("starts_at_0", "ends_at_0", "windows-0-opens_at_0"), DATES),
    **dict.fromkeys(("name_en", "description_zh"), TEXTS),
}
PERK = {**dict.fromkeys(("points", "days_ahead"), NUMBERS), "starts_on": DATES, "name_zh": TEXTS}
GIFT = {"points": NUMBERS, "starts_on": DATES, "name_en": TEXTS}
HOLIDAY = {**dict.fromkeys(("month", "day"), NUMBERS), "greeting_zh": TEXTS}


def sent(fields: dict[str, list[str]]) -> Iterator[tuple[str, dict[str, str]]]:
    for name, values in fields.items():
        for number, value in enumerate(values):
            yield f"{name}-{number}".replace("_", "-")[:40], {name: value}


def send_all(desk: Client, model: str, usual: dict[str, Any], fields: dict[str, list[str]]) -> int:
    """Send the usual form with one value changed, for each value; how many were taken."""
    taken = 0
    for code, changes in sent(fields):
        answer = desk.post(reverse(f"admin:benefits_{model}_add"), usual | {"code": code} | changes)
        assert answer.status_code in (200, 302), changes
        assert "is violated" not in answer.content.decode(), changes
        taken += answer.status_code == 302
    assert desk.get(reverse(f"admin:benefits_{model}_changelist")).status_code == 200
    return taken


@pytest.fixture
def lowest() -> Tier:
    full_programme()
    MemberFactory.create()
    Segment.objects.create(code="first", name_en="First")
    return Tier.objects.get(rank=0)


@pytest.fixture
def phone() -> Client:
    """A member's browser."""
    client = Client()
    user = member_with_login().user
    assert user is not None
    client.force_login(user)
    return client


@pytest.mark.parametrize("group", [False, True])
def test_offers(desk: Client, phone: Client, lowest: Tier, group: bool) -> None:
    usual = coupon_form() | windows(lowest, "windows")
    if group:
        usual |= {"group_size": "3", "group_hours": "24"}
    assert send_all(desk, "coupontemplate", usual, GROUP if group else TEMPLATE)
    assert phone.get("/coupons/offers/").status_code == 200
    for template in CouponTemplate.objects.all():
        page = reverse("admin:benefits_coupontemplate_change", args=[template.pk])
        assert desk.get(page).status_code == 200
        deed = "open_group" if template.is_for_groups else "claim_offer"
        answer = phone.post(reverse(deed, args=[template.pk]), {"key": "k"}, follow=True)
        assert answer.status_code in (200, 404)
    for address in ("/", "/coupons/", "/coupons/offers/", "/inbox/"):
        assert phone.get(address).status_code == 200
    assert desk.get(reverse("admin:benefits_coupon_changelist")).status_code == 200


def test_rewards(desk: Client, phone: Client, lowest: Tier) -> None:
    usual = reward_form() | windows(lowest, "windows")
    usual |= {"prices-TOTAL_FORMS": "1", "prices-0-tier": str(lowest.pk), "prices-0-points": "5"}
    usual |= {"starts_at_1": "00:00", "ends_at_1": "00:00", "minimum_spend": "1"}
    for name in ("starts_at", "ends_at"):
        usual |= {f"{name}_0": "2020-01-01" if name == "starts_at" else "2099-01-01"}
    assert send_all(desk, "reward", usual, REWARD)
    assert phone.get("/rewards/").status_code == 200
    for reward in Reward.objects.all():
        assert phone.get(reverse("reward", args=[reward.pk])).status_code == 200
        assert (
            desk.get(reverse("admin:benefits_reward_change", args=[reward.pk])).status_code == 200
        )


def test_gifts(desk: Client, lowest: Tier) -> None:
    perk = {"name_en": "Birthday", "tier": lowest.pk, "kind": "points", "points": "5"}
    perk |= {"span": "day", "days_ahead": "0", "is_active": "on", "starts_on": "2025-01-01"}
    assert send_all(desk, "birthdayperk", perk, PERK)
    highest = Tier.objects.by_rank().last()
    assert highest is not None
    gift = {"name_en": "Gift", "tier": highest.pk, "points": "5", "once": "year"}
    assert send_all(desk, "tiergift", gift | {"starts_on": "2025-01-01"}, GIFT)
    holiday = {"name_en": "May", "calendar": "solar", "month": "5", "day": "1"}
    assert send_all(desk, "holiday", holiday | {"greeting_en": "Hello"}, HOLIDAY)


@pytest.mark.parametrize("count", NUMBERS)
def test_codes(desk: Client, lowest: Tier, count: str) -> None:
    desk.post(reverse("admin:benefits_coupontemplate_add"), coupon_form())
    template = CouponTemplate.objects.get()
    page = f"/admin/benefits/coupontemplate/{template.pk}/generate/"
    assert desk.post(page, {"key": "k", "count": count}).status_code in (200, 302)
