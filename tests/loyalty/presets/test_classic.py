"""`classic`: four tiers by spend, each with more points; points by the year."""

from decimal import Decimal

import pytest

from loyalty.services.activities import check_in, record_activity
from loyalty.services.points import redeem_points
from loyalty.services.points_money import Limit, quote_points
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.ledgers import buy, give_back
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
    told_of,
    told_of_going_down,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    load("classic", 2025, 1, 1)
    return MemberFactory.create(joined_at=local(2025, 1, 5, 9))


def test_loads_once() -> None:
    check_loads_once("classic", "super")


def test_a_year_up_the_ladder(member: Member) -> None:
    buy(member, "1000.00", local(2025, 1, 5, 12))  # × 1 = 1,000, then silver
    buy(member, "1000.00", local(2025, 2, 1, 12))  # × 1.2 = 1,200
    streaks = [check_in(member=member, now=local(2025, 2, day, 8)).streak for day in (1, 2, 4)]
    record_activity(member=member, kind="review", key="tea", now=local(2025, 2, 5, 12))
    record_activity(member=member, kind="share", key="tea", now=local(2025, 2, 5, 12))
    # Activities are not multiplied: 3 × 5 + 20 + 10 = 45 of each kind.
    assert (streaks, balance(member), growth(member)) == ([1, 2, 1], 2_245, 2_045)
    assert spendable(member, local(2025, 2, 8, 12)) == 1_045

    buy(member, "3000.00", local(2025, 3, 1, 12))  # × 1.2 = 3,600; spend 5,000
    assert place_of(member) == ("gold", "2026-03-31")
    buy(member, "105.00", local(2025, 4, 1, 12))  # × 1.5 = 157.5: 157
    buy(member, "14895.00", local(2025, 6, 1, 12))  # × 1.5 = 22,342.5: 22,342; spend 20,000
    assert (place_of(member), discount_of(member)) == (("diamond", "2026-06-30"), "1.000")
    bought = buy(member, "100.00", local(2025, 6, 2, 12))  # × 2 = 200
    assert (balance(member), growth(member)) == (28_544, 20_145)

    give_back(bought, "33.33", local(2025, 6, 3, 12))  # 66.66: 66
    give_back(bought, "33.33", local(2025, 6, 4, 12))  # 133.32: 133, 67 more
    assert (balance(member), growth(member)) == (28_411, 20_145 - 66)

    # Goods, services and lottery entries for points, and no money off.
    at = local(2025, 7, 1, 12)
    assert quote_points(member=member, amount=Decimal(250), now=at).limit == Limit.NOT_OFFERED
    redeem_points(member=member, points=5_000, key="ticket", reason="Lottery entry", now=at)

    _tier_comes_to_its_end(member)
    _points_come_to_their_end(member)
    assert broken() == []


def _tier_comes_to_its_end(member: Member) -> None:
    """Diamond through 30 June 2026, 30 days of grace, one step down."""
    for day in ((2026, 5, 31), (2026, 6, 1), (2026, 7, 1), (2026, 7, 30)):
        night(*day)
        assert place_of(member)[0] == "diamond"
    assert told_of_going_down(member)[0] == ("2026-06-30", "2026-07-31")
    night(2026, 7, 31)
    assert place_of(member) == ("gold", "2027-07-31")
    assert changes_of(member)[-1] == ("downgrade", "gold", "diamond")


def _points_come_to_their_end(member: Member) -> None:
    """All of 2025 are valid through the last day of 2026, of whatever month they are."""
    buy(member, "100.00", local(2026, 8, 1, 12))  # gold again: × 1.5 = 150, through 2027
    for day in ((2026, 12, 1), (2026, 12, 2), (2026, 12, 25), (2026, 12, 31)):
        night(*day)
    assert told_of(member, "2026-12-31") == [(30, 23_411), (7, 23_411), (1, 23_411)]
    assert balance(member) == 23_561
    night(2027, 1, 1)
    assert (balance(member), growth(member)) == (150, 20_179)
