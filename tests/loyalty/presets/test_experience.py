"""`experience` and `experience-upgrade`: growth points for life, points to the anniversary."""

from decimal import Decimal

import pytest

from loyalty.models import PointsLot
from loyalty.services.points_money import quote_points
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
    told_of,
    told_of_going_down,
)

pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize("name", ["experience", "experience-upgrade"])


def join(name: str) -> Member:
    load(name, 2025, 1, 1)
    return MemberFactory.create(joined_at=local(2025, 3, 10, 9))


@pytest.mark.parametrize(
    ("name", "other"), [("experience", "experience-upgrade"), ("experience-upgrade", "private")]
)
def test_loads_once(name: str, other: str) -> None:
    check_loads_once(name, other)


@pytest.mark.parametrize(
    ("name", "reached", "through", "kept_on", "kept_through"),
    [
        ("experience", "gold", "2026-05-31", (2026, 6, 1), "2027-05-31"),
        ("experience-upgrade", "silver", "2026-04-30", (2026, 5, 1), "2027-04-30"),
    ],
)
def test_a_year_of_large_purchases(
    name: str, reached: str, through: str, kept_on: tuple[int, ...], kept_through: str
) -> None:
    member = join(name)
    buy(member, "99.99", local(2025, 3, 10, 12))  # 9
    buy(member, "99900.00", local(2025, 3, 20, 12))  # 9,990: 9,999 in all
    assert (growth(member), place_of(member)[0]) == (9_999, "standard")
    buy(member, "10.00", local(2025, 4, 1, 12))  # 1: 10,000
    assert place_of(member) == ("silver", "2026-04-30")
    # 50,000 more are 60,000: gold by the ranges, still silver by the rule for moving up.
    buy(member, "500000.00", local(2025, 5, 1, 12))
    assert (balance(member), growth(member)) == (60_000, 60_000)
    assert place_of(member) == (reached, through)

    _pay_with_points(member)

    # All that was earned in the first year is valid through the day before the anniversary.
    for day in ((2026, 2, 7), (2026, 2, 8), (2026, 3, 3), (2026, 3, 9)):
        night(*day)
    assert told_of(member, "2026-03-09") == [(30, 53_756), (7, 53_756), (1, 53_756)]
    night(2026, 3, 10)
    assert (balance(member), growth(member)) == (0, 60_006)
    buy(member, "1000.00", local(2026, 3, 10, 12))
    newest = PointsLot.objects.for_member(member).latest("pk")
    assert newest.expires_at == local(2027, 3, 10)

    # What was ever earned still counts when the year of the tier is over.
    night(*kept_on)
    assert place_of(member) == (reached, kept_through)
    assert told_of_going_down(member) == []
    assert broken() == []


def _pay_with_points(member: Member) -> None:
    """12,500 points for 125.00 of a purchase of 250.00, half of which comes back."""
    at = local(2025, 6, 1, 12)
    quoted = quote_points(member=member, amount=Decimal("250.00"), points=30_000, now=at)
    assert (quoted.points, quoted.amount) == (12_500, Decimal("125.00"))
    bought = buy_with(take(member, "250.00", at), at)  # 125.00 of money: 12 points
    assert (balance(member), growth(member)) == (47_512, 60_012)
    returned = give_back(bought, "62.50", local(2025, 6, 5, 12))
    assert moved(returned) == [("restore", 6_250, 0), ("clawback", -6, 0)]
    assert (balance(member), growth(member)) == (53_756, 60_006)


@BOTH
def test_a_refund_can_cost_a_tier_for_life(name: str) -> None:
    member = join(name)
    bought = buy(member, "100000.00", local(2025, 4, 1, 12))
    assert place_of(member) == ("silver", "2026-04-30")
    give_back(bought, "10.00", local(2025, 4, 10, 12))  # 9,999 growth points are left
    for day in ((2026, 3, 31), (2026, 4, 1), (2026, 5, 1), (2026, 5, 30)):
        night(*day)
        assert place_of(member)[0] == "silver"
    assert told_of_going_down(member)[0] == ("2026-04-30", "2026-05-31")
    night(2026, 5, 31)
    assert place_of(member)[0] == "standard"
    assert (growth(member), broken()) == (9_999, [])


@pytest.mark.parametrize(
    ("name", "gold", "diamond"),
    [("experience", 60_000, 110_000), ("experience-upgrade", 100_000, 200_000)],
)
def test_asks_for_these_growth_points(name: str, gold: int, diamond: int) -> None:
    for points, code in (
        (gold - 1, "silver"),
        (gold, "gold"),
        (diamond - 1, "gold"),
        (diamond, "diamond"),
    ):
        member = join(name)
        buy(member, f"{points * 10}.00", local(2025, 4, 1, 12))
        assert place_of(member)[0] == code
