"""A small programme, and a member whose account tells every kind of story."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from common import clock
from loyalty.models import EarningRule, PointType, Tier
from loyalty.services.adjustments import adjust_points
from loyalty.services.points import redeem_points, restore_points
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member
from members.services import record_visit
from tests.factories import StoreFactory, member_with_login

from .browsing import Open, opening


@pytest.fixture
def programme(db: None) -> None:
    """One point per 1.00; valid for a year, held for a week; three tiers by spend."""
    PointType.objects.all().delete()
    base = PointType.objects.create(
        code="base",
        name_en="Points",
        name_zh="积分",
        is_spendable=True,
        expiry="12M",
        holding="7D",
    )
    growth = PointType.objects.create(code="growth", name_en="Growth", name_zh="成长值")
    for kind, code in ((base, "paid"), (growth, "grown")):
        EarningRule.objects.create(
            code=code,
            name_en="Point for every yuan",
            name_zh="消费一元积一分",
            point_type=kind,
            points=1,
            per_amount=Decimal(1),
        )
    Tier.objects.create(code="member", name_en="Member", name_zh="普通会员", rank=0)
    Tier.objects.create(
        code="silver",
        name_en="Silver",
        name_zh="银卡",
        rank=1,
        colour="#8fa0b0",
        entry_spend=Decimal(1000),
    )
    Tier.objects.create(
        code="gold",
        name_en="Gold",
        name_zh="金卡",
        rank=2,
        colour="#c0a062",
        entry_spend=Decimal(5000),
        entry_growth=8000,
    )


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def member(programme: None) -> Member:
    """王小明, with a login and nothing on the account."""
    return member_with_login(joined_at=datetime(2024, 3, 15, 4, 0, tzinfo=UTC))


@pytest.fixture
def signed_in(client: Client, member: Member) -> Client:
    """A member who has been here today already: the first page of a day writes that down."""
    assert member.user is not None
    record_visit(member=member)
    client.force_login(member.user, backend="members.adapters.LoginBackend")
    return client


def buy(member: Member, amount: str, *, days_ago: int, number: str, **details: object) -> object:
    """A purchase at 11:30 in the programme's zone, so many days ago, recorded then."""
    day = clock.today() - timedelta(days=days_ago)
    at = clock.start_of(day) + timedelta(hours=11, minutes=30)
    return record_purchase(
        source="till",
        external_id=number,
        at=at,
        amount=Decimal(amount),
        member=member,
        now=at,
        **details,  # type: ignore[arg-type]
    )


@pytest.fixture
def storied(member: Member, now: datetime) -> Member:
    """Purchases old and new, points spent, given back, taken back, corrected."""
    store = StoreFactory(name_en="Jing'an store", name_zh="静安店")
    buy(member, "860.00", days_ago=350, number="JA-10021", store=store)
    buy(member, "1244.90", days_ago=120, number="JA-18840", store=store)
    sold = buy(member, "399.00", days_ago=40, number="JA-20417", store=store)
    redemption = redeem_points(
        member=member,
        points=600,
        key="r1",
        reason="Canvas bag",
        now=now - timedelta(days=30),
    )
    restore_points(redemption=redemption, key="r1b", points=200, now=now - timedelta(days=29))
    record_refund(
        source="till",
        external_id="RF-20417",
        purchase=sold,  # type: ignore[arg-type]
        at=now - timedelta(days=20),
        amount=Decimal("133.00"),
        now=now - timedelta(days=20),
    )
    adjust_points(
        member=member,
        points=50,
        key="a1",
        reason="Sorry for the wait on 3 November",
        now=now - timedelta(days=10),
    )
    buy(member, "268.00", days_ago=2, number="JA-22011", store=store)
    return member


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[Open]:
    """Pages of fresh browser contexts; see `opening`."""
    with opening(browser, live_server.url) as opened:
        yield opened
