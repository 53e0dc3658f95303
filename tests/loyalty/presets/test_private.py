"""`private`: more points for the new and the loyal, by category, and a birthday one rung up."""

from datetime import datetime
from decimal import Decimal

import pytest

from common import clock
from loyalty.models import ProductCategory, Tier
from loyalty.services.lines import Line
from loyalty.services.overrides import effective_at, grant_override
from loyalty.services.purchases import record_purchase
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.ledgers import buy
from tests.loyalty.payments import buy_with, give_back, moved, take
from tests.loyalty.programmes import local

from .years import (
    balance,
    broken,
    check_loads_once,
    growth,
    load,
    night,
    place_of,
    spendable,
    told_of,
    told_of_going_down,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    load("private", 2025, 1, 1)
    return MemberFactory.create(joined_at=local(2025, 1, 1, 12))


@pytest.fixture
def loyal(member: Member) -> Member:
    """One who joined on 1 March 2023: two years are over after 1 March 2025."""
    return MemberFactory.create(joined_at=local(2023, 3, 1, 12))


def test_loads_once() -> None:
    check_loads_once("private", "experience")


def test_a_year_of_a_new_member(member: Member) -> None:
    buy(member, "1000.00", local(2025, 1, 15, 12))  # × 2 in the first 30 days: 2,000
    buy(member, "100.00", local(2025, 1, 31, 23, 59))  # the thirtieth day after joining: 200
    buy(member, "100.00", local(2025, 2, 1))  # 100
    assert (balance(member), growth(member)) == (2_300, 1_200)

    _pay_with_points(member)

    _buy_in_categories(member, local(2025, 3, 1, 12))
    # 200.00 × 1.5 + 50.00 × 0.5 + 100.00 × 1 = 425
    assert (balance(member), growth(member)) == (1_593 + 425, 1_243 + 350)

    # 15 January + 180 days: valid through 14 July, with 1,250 left of 2,000.
    for day in ((2025, 6, 14), (2025, 6, 15), (2025, 7, 8), (2025, 7, 14)):
        night(*day)
    assert told_of(member, "2025-07-14") == [(30, 1_250), (7, 1_250), (1, 1_250)]
    assert balance(member) == 2_018
    night(2025, 7, 15)
    assert balance(member) == 768
    # 31 January and 1 February + 180 days: told with the others, gone on 31 July and 1 August.
    night(2025, 7, 31)
    assert balance(member) == 568
    night(2025, 8, 1)
    assert balance(member) == 468
    assert place_of(member)[0] == "gold"
    assert broken() == []


def _pay_with_points(member: Member) -> None:
    """1,500 points for 15.00 of a purchase of 100.00, half of which comes back."""
    at = local(2025, 2, 10, 12)
    assert spendable(member, at) == 2_300
    bought = buy_with(take(member, "100.00", at, points=1_500), at)
    assert (balance(member), growth(member)) == (2_300 - 1_500 + 85, 1_285)
    returned = give_back(bought, "42.50", local(2025, 2, 12, 12))
    # floor(85 / 2) = 42 go, half of 1,500 comes back to the lot of January.
    assert moved(returned) == [("restore", 750, 0), ("clawback", -42, 0)]
    assert (balance(member), growth(member)) == (1_593, 1_243)


def _buy_in_categories(member: Member, at: datetime) -> None:
    featured = ProductCategory.objects.get(code="featured")
    clearance = ProductCategory.objects.get(code="clearance")
    record_purchase(
        source="till",
        external_id="sorted",
        at=at,
        amount=Decimal("350.00"),
        member=member,
        lines=[_line("200.00", featured), _line("50.00", clearance), _line("100.00", None)],
        now=at,
    )


def _line(amount: str, category: ProductCategory | None) -> Line:
    price = Decimal(amount)
    return Line(
        sku=f"A-{amount}", quantity=Decimal(1), unit_price=price, amount=price, category=category
    )


def test_gives_a_tenth_more_after_two_years(loyal: Member) -> None:
    buy(loyal, "1001.00", local(2025, 3, 1, 12))  # the last day of two years: 1,001
    assert balance(loyal) == 1_001
    buy(loyal, "1001.00", local(2025, 3, 2, 12))  # × 1.1 = 1,101.1: 1,101
    assert (balance(loyal), growth(loyal)) == (1_001 + 1_101, 2_002)


def test_rises_two_rungs_and_comes_down_one(loyal: Member) -> None:
    buy(loyal, "20000.00", local(2025, 4, 1, 12))  # × 1.1 = 22,000
    assert (place_of(loyal), balance(loyal)) == (("black", "2026-04-30"), 22_000)
    buy(loyal, "3000.00", local(2025, 12, 1, 12))
    for day in ((2026, 3, 31), (2026, 4, 1), (2026, 5, 1), (2026, 5, 30)):
        night(*day)
        assert place_of(loyal)[0] == "black"
    assert told_of_going_down(loyal)[0] == ("2026-04-30", "2026-05-31")
    night(2026, 5, 31)
    assert place_of(loyal) == ("platinum", "2027-05-31")
    assert broken() == []


def test_a_birthday_month_may_be_lived_one_rung_up(member: Member) -> None:
    """Benefits will grant it each year; the exception is of the kind that they use."""
    buy(member, "10.00", local(2025, 2, 1, 12))
    grant_override(
        member=member,
        kind="birthday",
        steps=1,
        starts_at=clock.start_of(local(2025, 5, 1).date()),
        ends_at=clock.start_of(local(2025, 6, 1).date()),
        reason="Birthday month",
        key="birthday:2025",
        now=local(2025, 4, 30, 12),
    )
    tiers = list(Tier.objects.by_rank())
    held = [
        found.code if (found := effective_at(member, at, tiers)) else ""
        for at in (local(2025, 4, 30, 23, 59), local(2025, 5, 1), local(2025, 6, 1))
    ]
    assert held == ["gold", "platinum", "gold"]
