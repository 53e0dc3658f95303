"""Caps and budgets across purchases, refunds and threads."""

import threading
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from loyalty.models import (
    Channel,
    EarningRule,
    PointsEntry,
    PointType,
    ProductCategory,
    Purchase,
    RuleCounter,
    RuleScope,
    Tier,
)
from loyalty.services import caps
from loyalty.services.adjustments import adjust_points
from loyalty.services.configuration import create_rule, revise_rule
from loyalty.services.dry_run import dry_run, dry_run_of
from loyalty.services.purchases import Line, record_purchase, record_refund
from members.models import Member
from tests.factories import MemberFactory

from .programmes import base_points, earning_rule, growth_points, local, spend_tiers

pytestmark = pytest.mark.django_db

NOON = local(2025, 11, 11, 12)


def buy(member: Member, amount: str, at: datetime = NOON, **facts: Any) -> Purchase:
    number = f"P-{Purchase.objects.count() + 1}"
    return record_purchase(
        source="till",
        external_id=number,
        at=at,
        amount=Decimal(amount),
        member=member,
        now=at,
        **facts,
    )


def give_back(purchase: Purchase, amount: str, number: str, at: datetime = NOON) -> None:
    record_refund(
        source="till", external_id=number, at=at, amount=Decimal(amount), purchase=purchase, now=at
    )


def points_of(purchase: Purchase, code: str = PointType.BASE) -> int:
    return PointsEntry.objects.filter(purchase=purchase).of_type(code).total()


def used(code: str = "base-purchase") -> dict[str, int]:
    return dict(RuleCounter.objects.filter(rule_code=code).values_list("window", "used"))


@pytest.fixture
def base() -> PointType:
    return base_points()


@pytest.fixture
def member() -> Member:
    return MemberFactory.create(joined_at=local(2025, 1, 1))


def test_a_daily_cap_lets_the_rest_of_the_day_earn_nothing(base: PointType, member: Member) -> None:
    earning_rule(base, cap_day=500)
    assert points_of(buy(member, "300.00")) == 300
    assert points_of(buy(member, "300.00")) == 200
    assert points_of(buy(member, "300.00")) == 0
    assert points_of(buy(member, "300.00", local(2025, 11, 12, 0))) == 300
    assert used() == {"day:2025-11-11": 500, "day:2025-11-12": 300}


def test_caps_of_a_month_and_for_ever_count_apart(base: PointType, member: Member) -> None:
    earning_rule(base, cap_month=100, cap_ever=150)
    assert points_of(buy(member, "80.00", local(2025, 10, 31, 23, 59))) == 80
    assert points_of(buy(member, "80.00", local(2025, 11, 1))) == 70
    assert points_of(buy(member, "80.00", local(2025, 12, 1))) == 0


def test_a_cap_is_each_members_and_a_budget_everyones(base: PointType, member: Member) -> None:
    earning_rule(base, cap_day=100, budget=150)
    other = MemberFactory.create(joined_at=local(2025, 1, 1))
    assert points_of(buy(member, "100.00")) == 100
    assert points_of(buy(other, "100.00")) == 50
    assert used()["budget"] == 150


def test_a_new_version_does_not_fill_the_budget_again(base: PointType, member: Member) -> None:
    rule = earning_rule(base, budget=150)
    buy(member, "100.00")
    EarningRule.objects.filter(pk=rule.pk).update(version=2)
    assert points_of(buy(member, "100.00")) == 50


def test_a_refund_frees_the_cap_of_the_original_day_only(base: PointType, member: Member) -> None:
    earning_rule(base, cap_day=500, budget=1000)
    purchase = buy(member, "400.00")
    next_day = local(2025, 11, 12, 9)
    buy(member, "100.00", next_day)
    give_back(purchase, "100.00", "C-1", next_day)
    assert used() == {"day:2025-11-11": 300, "day:2025-11-12": 100, "budget": 400}
    give_back(purchase, "300.00", "C-2", next_day)
    assert used() == {"day:2025-11-11": 0, "day:2025-11-12": 100, "budget": 100}


def test_partial_refunds_free_exactly_what_was_counted(base: PointType, member: Member) -> None:
    earning_rule(base, points=101, per_amount="100.00", cap_day=101)
    purchase = buy(member, "100.00")
    for number, amount in enumerate(["33.33", "33.33", "33.34"]):
        give_back(purchase, amount, f"C-{number}")
    assert used() == {"day:2025-11-11": 0}


def test_the_members_tier_of_that_instant_multiplies_spendable_points_only(
    base: PointType, member: Member
) -> None:
    growth = growth_points()
    earning_rule(base)
    earning_rule(growth)
    spend_tiers()
    Tier.objects.filter(code="silver").update(multiplier=Decimal("1.5"))
    first = buy(member, "500.00")
    second = buy(member, "105.00", local(2025, 11, 11, 13))
    assert (points_of(first), points_of(second)) == (500, 157)
    assert points_of(second, PointType.GROWTH) == 105


def test_a_rule_for_the_lowest_tier_holds_for_those_whom_nothing_has_raised(
    base: PointType, member: Member
) -> None:
    everyone, silver, *_ = spend_tiers()
    RuleScope.objects.create(rule=earning_rule(base), tier=everyone)
    assert points_of(buy(member, "500.00")) == 500
    assert points_of(buy(member, "500.00", local(2025, 11, 12))) == 0
    assert silver.rank == 1


def test_a_multiplier_below_one_takes_before_the_cap(base: PointType, member: Member) -> None:
    """100 by half is 50, then 10 more reach the 60 of the day; a refund frees what was counted."""
    earning_rule(base, cap_day=60)
    halves = {"name_en": "Half", "name_zh": "减半", "factor": Decimal("0.5"), "points": 0}
    create_rule(code="half", trigger="purchase", point_type=base, **halves)
    first, second = buy(member, "100.00"), buy(member, "100.00")
    assert (points_of(first), points_of(second)) == (50, 10)
    assert points_of(buy(member, "100.00")) == 0
    assert used() == {"day:2025-11-11": 60}
    give_back(first, "33.33", "C-1")
    give_back(first, "66.67", "C-2")
    assert used() == {"day:2025-11-11": 10}
    assert points_of(buy(member, "80.00")) == 40


def test_a_multiplier_below_one_leaves_other_categories_to_their_caps(
    base: PointType, member: Member
) -> None:
    """Half of the 100 for tea; the cap of 60 holds for all 150 of the rule, before it doubles."""
    tea = ProductCategory.objects.create(code="tea", name_en="Tea")
    earning_rule(base, cap_day=60)
    words = {"name_en": "Factor", "name_zh": "倍数", "trigger": "purchase", "point_type": base}
    halved = create_rule(code="half", factor=Decimal("0.5"), points=0, **words)
    RuleScope.objects.create(rule=halved, category=tea)
    create_rule(code="double", factor=Decimal(2), points=0, **words)
    lines = [
        Line("a", Decimal(1), Decimal(100), Decimal("100.00"), category=tea),
        Line("b", Decimal(1), Decimal(100), Decimal("100.00")),
    ]
    assert points_of(buy(member, "200.00", lines=lines)) == 60 + 150
    assert used() == {"day:2025-11-11": 60}


def test_channel_and_category_of_a_purchase_are_seen(base: PointType, member: Member) -> None:
    app = Channel.objects.create(code="app", name_en="App")
    tea = ProductCategory.objects.create(code="tea", name_en="Tea")
    rule = earning_rule(base)
    RuleScope.objects.create(rule=rule, channel=app)
    RuleScope.objects.create(rule=rule, category=tea)
    lines = [
        Line("a", Decimal(1), Decimal(30), Decimal("30.00"), category=tea),
        Line("b", Decimal(1), Decimal(20), Decimal("20.00")),
    ]
    assert points_of(buy(member, "50.00", lines=lines)) == 0
    assert points_of(buy(member, "50.00", lines=lines, channel=app)) == 30


def test_a_dry_run_tells_what_a_purchase_earns_and_writes_nothing(
    base: PointType, member: Member
) -> None:
    earning_rule(base, cap_day=500)
    purchase = buy(member, "450.00")
    before = (PointsEntry.objects.count(), used())
    (imagined,) = dry_run(amount=Decimal("100.00"), at=NOON, member=member)
    (again,) = dry_run_of(purchase)
    (guest,) = dry_run(amount=Decimal("100.00"), at=NOON)
    assert (imagined.earning.points, again.earning.points, guest.earning.points) == (50, 50, 100)
    assert (PointsEntry.objects.count(), used()) == before


def race_for_the_budget(members: list[Member]) -> int:
    """Everybody buys for 100.00 at once, on a connection of their own; the points given."""
    barrier = threading.Barrier(len(members))

    def shop(member: Member) -> None:
        try:
            barrier.wait(timeout=30)
            record_purchase(
                source="till",
                external_id=f"P-{member.pk}",
                at=NOON,
                amount=Decimal("100.00"),
                member=member,
                now=NOON,
            )
        except RuntimeError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=shop, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return PointsEntry.objects.total()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_do_not_overdraw_a_budget() -> None:
    earning_rule(base_points(), budget=1_250)
    members = [MemberFactory.create(joined_at=local(2025, 1, 1)) for _ in range(50)]
    assert race_for_the_budget(members) == 1_250
    assert Purchase.objects.count() == 50
    assert used() == {"budget": 1_250}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_fifty_at_once_do_not_all_get_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: budgets read without holding them send purchases into the conditional update."""
    original = caps.caps_left
    monkeypatch.setattr(
        "loyalty.services.earning.caps_left",
        lambda terms, member, day: original(terms, member, day, is_locked=False),
    )
    earning_rule(base_points(), budget=1_250)
    members = [MemberFactory.create(joined_at=local(2025, 1, 1)) for _ in range(50)]
    race_for_the_budget(members)
    assert Purchase.objects.count() < 50
    assert used()["budget"] <= 1_250


def test_a_purchase_that_earns_nothing_opens_no_debt_and_no_entry(
    base: PointType, member: Member
) -> None:
    earning_rule(base, cap_day=0, budget=None)
    adjust_points(member=member, points=1, key="a", reason="A start", now=NOON)
    buy(member, "50.00")
    assert PointsEntry.objects.count() == 1


def test_a_refund_frees_no_cap_that_a_later_version_set(base: PointType, member: Member) -> None:
    rule = earning_rule(base, cap_day=500)
    before = buy(member, "100.00")
    revise_rule(rule=rule, budget=1000)
    buy(member, "300.00")
    give_back(before, "100.00", "C-1")
    assert used() == {"day:2025-11-11": 300, "budget": 300}
