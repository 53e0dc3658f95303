"""A tier goes up at once when a fact earns it, and never down by day."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from loyalty.models import Ladder, Purchase, Standing, Tier, TierChange
from loyalty.services.adjustments import adjust_points
from loyalty.services.purchases import record_purchase, record_refund
from loyalty.services.standings import upgrade_tier
from members.models import Member
from tests.factories import MemberFactory

from .programmes import base_points, full_programme, growth_points, local, plain_programme

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 3, 14, 4, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def buy(member: Member, amount: str, at: datetime = NOON, now: datetime | None = None) -> Purchase:
    return record_purchase(
        source="till",
        external_id=f"R-{Purchase.objects.count()}",
        at=at,
        amount=Decimal(amount),
        member=member,
        now=now or at,
    )


def tier_of(member: Member) -> str:
    return Standing.objects.get(member=member).tier.code


@pytest.mark.parametrize(
    ("spend", "code"),
    [
        ("0.00", "member"),
        ("499.99", "member"),
        ("500.00", "silver"),
        ("500.01", "silver"),
        ("1999.99", "silver"),
        ("2000.00", "gold"),
        ("9999.99", "gold"),
        ("10000.00", "black"),
        ("10000.01", "black"),
    ],
)
def test_first_purchase_earns_the_tier_skipping_ranks(spend: str, code: str) -> None:
    plain_programme()
    member = MemberFactory.create()
    buy(member, spend)
    assert tier_of(member) == code
    change = TierChange.objects.get()
    assert (change.cause, change.from_tier, change.to_tier.code) == ("entry", None, code)


@pytest.mark.parametrize(("second", "code"), [("0.99", "member"), ("1.00", "silver")])
def test_adds_up_purchases(second: str, code: str) -> None:
    plain_programme()
    member = MemberFactory.create()
    buy(member, "499.00", NOON - SECOND)
    buy(member, second)
    assert tier_of(member) == code


def test_keeps_the_figures_that_caused_it() -> None:
    full_programme()
    member = MemberFactory.create()
    buy(member, "499.50", NOON - SECOND)
    buy(member, "100.00")
    change = TierChange.objects.order_by("id").last()
    assert change is not None
    assert (change.cause, change.to_tier.code) == ("upgrade", "silver")
    assert change.from_tier is not None
    assert change.from_tier.code == "member"
    assert (change.spend, change.orders, change.growth) == (Decimal("599.50"), 2, 599)
    assert (change.at, change.business_date) == (NOON, date(2025, 3, 14))
    assert change.window_from == local(2024, 3, 14, 12)


def test_valid_until_the_end_of_a_month_in_a_year() -> None:
    plain_programme()
    member = MemberFactory.create()
    buy(member, "500.00")
    standing = Standing.objects.get(member=member)
    assert (standing.since, standing.valid_until) == (NOON, local(2026, 4, 1))
    assert TierChange.objects.get().valid_until == local(2026, 4, 1)


def test_lowest_tier_has_no_end() -> None:
    plain_programme()
    member = MemberFactory.create()
    buy(member, "1.00")
    assert Standing.objects.get(member=member).valid_until is None


@pytest.mark.parametrize(
    ("won", "ends"),
    [
        ((2025, 3, 31, 23, 59), (2026, 4, 1)),
        ((2025, 4, 1, 0, 0), (2026, 5, 1)),
        ((2024, 2, 29, 12), (2025, 3, 1)),
        ((2024, 12, 31, 23, 59), (2026, 1, 1)),
    ],
)
def test_validity_counts_from_the_day_it_is_won(
    won: tuple[int, ...], ends: tuple[int, ...]
) -> None:
    plain_programme()
    member = MemberFactory.create()
    buy(member, "500.00", local(*won))
    assert Standing.objects.get(member=member).valid_until == local(*ends)


@pytest.mark.parametrize(("offset", "code"), [(-1, "member"), (0, "silver"), (1, "silver")])
@pytest.mark.parametrize(
    ("zone", "now", "edge"),
    [
        ("Asia/Shanghai", (2025, 3, 14, 12), (2024, 3, 14, 12)),
        ("Asia/Shanghai", (2025, 3, 14, 0), (2024, 3, 14, 0)),
        ("Asia/Shanghai", (2025, 3, 14, 23, 59), (2024, 3, 14, 23, 59)),
        # 28 February has a year behind it that began on the 28th; so has 29 February.
        ("Asia/Shanghai", (2025, 2, 28, 12), (2024, 2, 28, 12)),
        ("Asia/Shanghai", (2024, 2, 29, 12), (2023, 2, 28, 12)),
        ("Asia/Shanghai", (2025, 3, 1, 0), (2024, 3, 1, 0)),
        # Noon in summer time is 11:00 UTC, in winter 12:00: 30 March 2025 changed the clocks.
        ("Europe/London", (2025, 3, 30, 12), (2024, 3, 30, 12)),
        ("Europe/London", (2025, 3, 31, 0), (2024, 3, 31, 0)),
        ("Europe/London", (2025, 7, 1, 0, 30), (2024, 7, 1, 0, 30)),
    ],
)
def test_purchase_of_a_year_ago_to_the_second_counts(
    settings: Settings,
    zone: str,
    now: tuple[int, ...],
    edge: tuple[int, ...],
    offset: int,
    code: str,
) -> None:
    settings.PROGRAMME_TIMEZONE = zone
    plain_programme()
    member = MemberFactory.create()
    buy(member, "400.00", local(*edge) + offset * SECOND)
    buy(member, "100.00", local(*now))
    assert tier_of(member) == code


@pytest.mark.parametrize(("back", "code"), [("0.00", "silver"), ("0.01", "member")])
def test_spend_is_net_of_refunds_on_their_own_date(back: str, code: str) -> None:
    plain_programme()
    member = MemberFactory.create()
    record_refund(
        source="t", external_id="C", at=NOON - SECOND, amount=Decimal(back), member=member, now=NOON
    )
    buy(member, "500.00")
    assert tier_of(member) == code


def test_refund_before_the_window_does_not_count() -> None:
    plain_programme()
    member = MemberFactory.create()
    long_ago = local(2024, 3, 14, 11, 59, 59)
    record_refund(
        source="t", external_id="C", at=long_ago, amount=Decimal(9), member=member, now=long_ago
    )
    buy(member, "500.00")
    assert tier_of(member) == "silver"


def test_never_comes_down_by_day() -> None:
    plain_programme()
    member = MemberFactory.create()
    purchase = buy(member, "500.00", NOON - SECOND)
    record_refund(
        source="t", external_id="C", at=NOON, amount=Decimal(500), purchase=purchase, now=NOON
    )
    assert upgrade_tier(member=member, now=NOON + timedelta(days=800)) is None
    assert tier_of(member) == "silver"
    assert TierChange.objects.count() == 1


def test_same_tier_again_changes_nothing() -> None:
    plain_programme()
    member = MemberFactory.create()
    buy(member, "500.00", NOON - timedelta(days=60))
    buy(member, "500.00")
    standing = Standing.objects.get(member=member)
    assert (standing.since, standing.valid_until) == (NOON - timedelta(days=60), local(2026, 2, 1))
    assert TierChange.objects.count() == 1


def test_purchase_of_a_till_ahead_waits_for_the_night() -> None:
    """A fact counts from its own instant."""
    plain_programme()
    member = MemberFactory.create()
    buy(member, "500.00", at=NOON + SECOND, now=NOON)
    assert tier_of(member) == "member"


@pytest.mark.parametrize(("points", "code"), [(99, "member"), (100, "star"), (101, "star")])
def test_growth_points_move_tiers(points: int, code: str) -> None:
    base_points()
    growth = growth_points()
    Tier.objects.create(code="member", name_en="Member", rank=0)
    Tier.objects.create(code="star", name_en="Star", rank=1, entry_growth=100)
    member = MemberFactory.create()
    adjust_points(member=member, points=points, key="k", reason="Talk", point_type=growth, now=NOON)
    upgrade_tier(member=member, now=NOON)
    assert tier_of(member) == code


@pytest.mark.parametrize(
    ("join", "amounts", "code"),
    [
        ("all", ["50.00", "49.99"], "member"),
        ("all", ["100.00"], "member"),
        ("all", ["50.00", "50.00"], "star"),
        ("any", ["50.00", "49.99"], "star"),
        ("any", ["100.00"], "star"),
        ("any", ["99.99"], "member"),
    ],
)
def test_conditions_are_joined_by_any_or_all(join: str, amounts: list[str], code: str) -> None:
    base_points()
    bounds: dict[str, Any] = {"entry_spend": Decimal(100), "entry_orders": 2}
    Tier.objects.create(code="member", name_en="Member", rank=0)
    Tier.objects.create(code="star", name_en="Star", rank=1, join=join, **bounds)
    member = MemberFactory.create()
    for amount in amounts:
        buy(member, amount)
    assert tier_of(member) == code


def test_lifetime_window_never_forgets() -> None:
    plain_programme()
    Ladder.objects.update(window="never")
    member = MemberFactory.create()
    buy(member, "400.00", local(1999, 12, 31, 12))
    buy(member, "100.00")
    assert tier_of(member) == "silver"
    assert TierChange.objects.order_by("id").last().window_from is None  # type: ignore[union-attr]


def test_without_tiers_there_is_nothing_to_do() -> None:
    base_points()
    member = MemberFactory.create()
    buy(member, "500.00")
    assert upgrade_tier(member=member, now=NOON) is None
    assert not Standing.objects.exists()


@pytest.mark.parametrize(("offset", "is_late"), [(-1, True), (0, False), (1, False)])
@pytest.mark.parametrize("amount", ["1.00", "500.00"])
def test_fact_before_the_last_review_is_looked_at_again(
    offset: int, is_late: bool, amount: str
) -> None:
    """Whether or not it raises the tier at once."""
    plain_programme()
    member = MemberFactory.create()
    buy(member, "1.00")
    buy(member, amount, at=NOON + offset * SECOND, now=NOON + SECOND)
    assert Standing.objects.get(member=member).has_late_fact is is_late
