"""`super`: spending and taking part; more points and a lower price on the way up."""

from decimal import Decimal

import pytest

from loyalty.errors import PointsPayTooSmallPurchase
from loyalty.models import PointsLot
from loyalty.services.activities import check_in, record_activity
from loyalty.services.points_money import quote_points
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.ledgers import buy
from tests.loyalty.payments import buy_with, give_back, moved, take
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
    load("super", 2025, 1, 1)
    return MemberFactory.create(joined_at=local(2025, 1, 10, 9))


def test_loads_once() -> None:
    check_loads_once("super", "shop")


def test_holds_the_points_of_a_purchase_for_the_week_of_returns(member: Member) -> None:
    buy(member, "1000.00", local(2025, 1, 10, 12))
    lot = PointsLot.objects.for_member(member).get()
    # Held through 17 January, valid through 10 January 2026.
    assert (lot.available_at, lot.expires_at) == (local(2025, 1, 18), local(2026, 1, 11))
    assert spendable(member, local(2025, 1, 17, 23, 59)) == 0
    assert spendable(member, local(2025, 1, 18)) == 1_000


def test_a_year_of_spending_and_taking_part(member: Member) -> None:
    buy(member, "1000.00", local(2025, 1, 10, 12))
    streaks = [check_in(member=member, now=local(2025, 1, day, 8)).streak for day in (20, 21, 22)]
    for kind in ("review", "share"):
        record_activity(member=member, kind=kind, key="first", now=local(2025, 2, 1, 20))
    # 1,000 + 3 × 5 + 20 + 10, of both kinds, and 98 % of the price to pay.
    assert (streaks, balance(member), growth(member)) == ([1, 2, 3], 1_045, 1_045)
    assert (place_of(member)[0], discount_of(member)) == ("standard", "0.980")

    buy(member, "2000.00", local(2025, 3, 5, 12))  # still × 1: 2,000; spend 3,000
    assert (place_of(member), discount_of(member)) == (("premium", "2026-03-31"), "0.970")
    buy(member, "100.00", local(2025, 3, 20, 12))  # × 1.2 = 120
    buy(member, "100.00", local(2025, 11, 10, 23, 59))  # the day before: × 1.2 = 120
    buy(member, "1000.00", local(2025, 11, 11))  # × 1.2 × 2 = 2,400
    assert balance(member) == 1_045 + 2_000 + 120 + 120 + 2_400
    # The tier and the campaign multiply what is spent, never what makes tiers.
    assert growth(member) == 1_045 + 2_000 + 100 + 100 + 1_000

    _pay_with_points(member)

    # 4,368 + 700 = 5,068 growth points: VIP, and × 1.5 from the next purchase on.
    buy(member, "700.00", local(2025, 12, 24, 12))  # × 1.2 = 840
    assert (place_of(member), discount_of(member)) == (("vip", "2026-12-31"), "0.950")
    buy(member, "100.00", local(2025, 12, 26, 12))  # × 1.5 = 150
    assert (balance(member), growth(member)) == (6_572, 5_168)

    # Of the first 1,000, 750 are left on their last day, 10 January 2026.
    for day in ((2025, 12, 11), (2025, 12, 12), (2026, 1, 4), (2026, 1, 10)):
        night(*day)
    assert told_of(member, "2026-01-10") == [(30, 750), (7, 750), (1, 750)]
    assert balance(member) == 6_572
    night(2026, 1, 11)
    assert balance(member) == 5_822
    assert broken() == []


def _pay_with_points(member: Member) -> None:
    """500 points for 5.00 of a purchase of 250.00, half of which comes back."""
    at = local(2025, 11, 15, 12)
    # 1,045 + 2,000 + 120 are spendable; November's are held. 3,165 in hundreds.
    quoted = quote_points(member=member, amount=Decimal("250.00"), now=at)
    assert (quoted.points, quoted.amount) == (3_100, Decimal("31.00"))
    with pytest.raises(PointsPayTooSmallPurchase):
        take(member, "99.99", at)
    bought = buy_with(take(member, "250.00", at, points=500), at)
    # 245.00 of money × 1.2 = 294 points and 245 growth points.
    assert (balance(member), growth(member)) == (5_685 - 500 + 294, 4_245 + 245)
    returned = give_back(bought, "122.50", local(2025, 11, 20, 12))
    # Half of 500 comes back; half of 294 and floor(245 / 2) go.
    assert moved(returned) == [("restore", 250, 0), ("clawback", -147, 0)]
    assert (balance(member), growth(member)) == (5_582, 4_368)


def test_comes_down_one_step_after_the_days_of_grace(member: Member) -> None:
    buy(member, "3000.00", local(2025, 2, 15, 12))
    assert place_of(member) == ("premium", "2026-02-28")
    for day in ((2026, 1, 29), (2026, 1, 30), (2026, 3, 1), (2026, 3, 30)):
        night(*day)
        assert place_of(member)[0] == "premium"
    # The end of February and 30 days of grace.
    assert told_of_going_down(member)[0] == ("2026-02-28", "2026-03-31")
    night(2026, 3, 31)
    assert place_of(member)[0] == "standard"
    assert changes_of(member)[-1] == ("downgrade", "standard", "premium")
    assert broken() == []
