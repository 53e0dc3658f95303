"""`plain`: a point per 1.00, spendable at once and for ever; tiers kept by what they ask for."""

from decimal import Decimal

import pytest

from loyalty.errors import PointsPayNothing
from loyalty.services.points import redeem_points
from loyalty.services.points_money import Limit, quote_points
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.ledgers import buy, give_back
from tests.loyalty.payments import take
from tests.loyalty.programmes import local
from tests.loyalty.reviews import changes_of

from .years import (
    balance,
    broken,
    check_loads_once,
    discount_of,
    growth,
    load,
    night,
    place_of,
    spendable,
    told_of_going_down,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    load("plain", 2025, 1, 1)
    return MemberFactory.create(joined_at=local(2025, 1, 5, 10))


def test_loads_once() -> None:
    check_loads_once("plain", "classic")


def test_a_year_of_purchases(member: Member) -> None:
    buy(member, "499.99", local(2025, 2, 10, 12))  # 499
    assert (balance(member), place_of(member)[0]) == (499, "standard")
    # 500.99 of spend within twelve months; 500 points, not 500.99.
    buy(member, "1.00", local(2025, 2, 20, 12))
    assert (balance(member), place_of(member)) == (500, ("silver", "2026-02-28"))
    large = buy(member, "2000.00", local(2025, 6, 1, 12))
    assert place_of(member) == ("gold", "2026-06-30")
    # Nothing is held, multiplied or taken off the price, and growth does not exist.
    assert (spendable(member, local(2025, 6, 1, 12)), growth(member)) == (2_500, 0)
    assert discount_of(member) == "1.000"

    give_back(large, "500.50", local(2025, 6, 3, 12))  # floor(2000 × 500.5 / 2000) = 500
    redeem_points(member=member, points=300, key="mug", reason="Mug", now=local(2025, 6, 5))
    assert balance(member) == 1_700

    # From 1 July 2025 to 30 June 2026 nothing: gold goes down on 1 July, without days of grace.
    for day in ((2026, 5, 31), (2026, 6, 1), (2026, 6, 24), (2026, 6, 30)):
        night(*day)
        assert place_of(member)[0] == "gold"
    assert told_of_going_down(member) == [("2026-06-30", "2026-07-01")] * 2
    night(2026, 7, 1)
    assert place_of(member) == ("silver", "2027-06-30")
    assert balance(member) == 1_700
    assert broken() == []


def test_skips_rungs_and_keeps_what_is_earned_again(member: Member) -> None:
    buy(member, "10000.00", local(2025, 3, 1, 12))
    assert place_of(member) == ("diamond", "2026-03-31")
    buy(member, "10000.00", local(2025, 12, 24, 12))
    night(2026, 4, 1)
    assert place_of(member) == ("diamond", "2027-03-31")
    assert changes_of(member) == [
        ("entry", "diamond", None),
        ("retained", "diamond", "diamond"),
    ]
    assert (balance(member), broken()) == (20_000, [])


def test_points_pay_for_nothing_at_the_till(member: Member) -> None:
    buy(member, "1000.00", local(2025, 2, 1, 12))
    at = local(2025, 3, 1, 12)
    assert quote_points(member=member, amount=Decimal(250), now=at).limit == Limit.NOT_OFFERED
    with pytest.raises(PointsPayNothing):
        take(member, "250.00", at)
    assert balance(member) == 1_000
