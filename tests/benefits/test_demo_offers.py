"""The demo's benefits: every list has something in it, the ledger stays clean, once is enough."""

from collections import Counter

import pytest

from benefits.demo.offers import load
from benefits.home import home_of
from benefits.models import (
    BirthdayGrant,
    BirthdayPerk,
    Coupon,
    CouponBatch,
    CouponGroup,
    CouponShare,
    CouponTemplate,
    Holiday,
    LotteryDraw,
    Reward,
    RewardOrder,
    TierGift,
    TierGiftGrant,
)
from common import clock
from common.jobs.nights import run_nights
from common.proof import configured_checks, prove
from loyalty.demo import logins
from loyalty.demo.loading import load_demo
from loyalty.models import Activity
from members.models import Member
from tests.loyalty.programmes import local

pytestmark = pytest.mark.django_db

UNTIL = local(2025, 11, 23, 21, 0)
LISTS = (
    BirthdayGrant,
    BirthdayPerk,
    CouponBatch,
    CouponGroup,
    CouponShare,
    Holiday,
    LotteryDraw,
    TierGift,
    TierGiftGrant,
)


def broken() -> list[str]:
    return [finding.check.id for finding in prove(configured_checks()) if not finding.is_clean]


def counted() -> list[int]:
    models = (Coupon, CouponTemplate, Reward, RewardOrder, Holiday, TierGift, BirthdayPerk)
    return [model._default_manager.count() for model in models]


def test_lays_its_offers_over_the_shop_once(time_machine: object) -> None:
    time_machine.move_to(UNTIL, tick=False)  # type: ignore[attr-defined]
    load_demo(seed=7, members=120, until=UNTIL)
    load()
    before = counted()
    load()
    assert counted() == before
    assert broken() == []
    statuses = Counter(RewardOrder.objects.values_list("status", flat=True))
    assert set(statuses) == {
        "pending",
        "shipped",
        "ready",
        "delivered",
        "collected",
        "cancelled",
        "return_requested",
    }

    # A day later the night gives the gifts, and the member to sign in as has something of each.
    time_machine.move_to(local(2025, 11, 24, 2), tick=False)  # type: ignore[attr-defined]
    assert run_nights(clock.today()).is_complete
    assert broken() == []
    lead = Member.objects.get(email=logins.MEMBER_EMAIL)
    home = home_of(lead, clock.now())
    assert home.birthday is not None
    assert home.coupons
    assert home.rewards
    assert all(model._default_manager.exists() for model in LISTS)
    assert Activity.objects.filter(kind="birthday", member=lead).exists()
    assert {"issued", "used", "expired", "voided"} <= set(
        Coupon.objects.values_list("status", flat=True)
    )


def test_a_shop_of_two_members_is_enough() -> None:
    load_demo(seed=7, members=2, until=clock.now())
    load()
    assert broken() == []
    assert CouponTemplate.objects.count() == 10
