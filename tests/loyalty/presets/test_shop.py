"""`shop`: tiers by spend or by coming often; points buy goods, coupons and services."""

from datetime import timedelta
from decimal import Decimal

import pytest

from loyalty.services.activities import check_in, record_activity
from loyalty.services.points import redeem_points, restore_points
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

NEW_YEAR = local(2025, 1, 1, 9)


@pytest.fixture
def member() -> Member:
    load("shop", 2025, 1, 1)
    return MemberFactory.create(joined_at=local(2025, 1, 1, 8))


def test_loads_once() -> None:
    check_loads_once("shop", "plain")


def test_a_year_of_coming_often(member: Member) -> None:
    for day in range(59):
        check_in(member=member, now=NEW_YEAR + timedelta(days=day))
    assert place_of(member)[0] == "standard"
    # The sixtieth day in a row, 1 March: silver without any purchase; 60 × 5 points.
    assert check_in(member=member, now=NEW_YEAR + timedelta(days=59)).streak == 60
    assert (place_of(member), balance(member)) == (("silver", "2026-03-31"), 300)

    large = buy(member, "5000.00", local(2025, 5, 1, 12))
    assert place_of(member) == ("gold", "2026-05-31")
    assert spendable(member, local(2025, 5, 8, 23, 59)) == 300
    record_activity(member=member, kind="share", key="photo", now=local(2025, 5, 2, 12))
    give_back(large, "1000.00", local(2025, 5, 10, 12))
    assert (balance(member), growth(member)) == (300 + 4_000 + 10, 4_310)
    assert (place_of(member)[0], discount_of(member)) == ("gold", "1.000")

    _spend_on_goods(member)

    # The purchase of 1 May: of its 4,000 points 3,300 are left on their last day.
    for day in ((2026, 4, 1), (2026, 4, 2), (2026, 4, 25), (2026, 5, 1)):
        night(*day)
    assert told_of(member, "2026-05-01") == [(30, 3_300), (7, 3_300), (1, 3_300)]
    night(2026, 5, 2)
    assert balance(member) == 10

    # Nothing from 1 June 2025 on: one step down, 30 days after 31 May.
    for day in ((2026, 5, 3), (2026, 6, 1), (2026, 6, 30)):
        night(*day)
        assert (place_of(member)[0], balance(member)) == ("gold", 0)
    assert told_of_going_down(member)[0] == ("2026-05-31", "2026-07-01")
    night(2026, 7, 1)
    assert place_of(member)[0] == "silver"
    assert broken() == []


def _spend_on_goods(member: Member) -> None:
    """Not money off, but goods: the oldest points first, and some of them back."""
    at = local(2025, 6, 1, 12)
    assert quote_points(member=member, amount=Decimal(250), now=at).limit == Limit.NOT_OFFERED
    spent = redeem_points(member=member, points=1_200, key="kettle", reason="Kettle", now=at)
    restore_points(redemption=spent, points=200, key="kettle:back", now=local(2025, 6, 2, 12))
    # 300 of the check-ins and 700 of the purchase are gone: latest to expire came back first.
    assert balance(member) == 3_310


def test_either_condition_keeps_the_tier(member: Member) -> None:
    buy(member, "1000.00", local(2025, 2, 1, 12))
    assert place_of(member) == ("silver", "2026-02-28")
    for day in range(60):
        check_in(member=member, now=local(2025, 9, 1, 9) + timedelta(days=day))
    night(2026, 3, 1)
    assert place_of(member) == ("silver", "2027-02-28")
    assert changes_of(member)[-1] == ("retained", "silver", "silver")
    assert broken() == []


def test_many_days_make_gold(member: Member) -> None:
    for day in range(150):
        check_in(member=member, now=NEW_YEAR + timedelta(days=day))
    # 150 days from 1 January: 30 May.
    assert (place_of(member), balance(member)) == (("gold", "2026-05-31"), 750)
    assert broken() == []
