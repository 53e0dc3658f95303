"""What a benefit brought for what it cost: against a hold-out, else against the same members."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from analytics.reports.roi import BEFORE_AFTER, HELD_OUT, coupon_return, reward_return
from analytics.rules.roi import advice_on, return_on
from benefits.models import CouponTemplate
from benefits.services.checkout import give_back_coupons, reserve_coupons, use_coupons
from loyalty.models import PointsMoney, Purchase
from loyalty.services.points import earn_points
from members.models import Member, Segment, SegmentMembership
from tests.benefits.offers import basket, coupon_for, offer
from tests.benefits.rewards import redeemed, reward

from .shopping import buy, give_back, noon, programme, shopper

pytestmark = pytest.mark.django_db

DAY = date(2025, 5, 1)
NIGHT = date(2025, 6, 15)


@pytest.mark.parametrize(
    ("incremental", "cost", "roi", "advice"),
    [
        (3_000_000, 150_000, 19, "none"),
        (1_099, 100, Decimal("9.99"), "weak"),
        (1_100, 100, 10, "none"),
        (1_101, 100, Decimal("10.01"), "none"),
        (2_599, 100, Decimal("24.99"), "none"),
        (2_600, 100, 25, "none"),
        (2_601, 100, Decimal("25.01"), "strong"),
        (0, 100, -1, "weak"),
        (100, 0, None, "none"),
    ],
)
def test_return_is_what_came_less_the_cost_by_the_cost(
    incremental: int, cost: int, roi: Decimal | None, advice: str
) -> None:
    found = return_on(incremental=Decimal(incremental), cost=Decimal(cost))
    assert found == roi
    assert advice_on(found) == advice


@pytest.fixture
def template(db: None) -> CouponTemplate:
    programme()
    return offer()


def use(member: Member, template: CouponTemplate, day: date, amount: str) -> Purchase:
    """The member buys with a coupon of the offer: 10.00 off."""
    coupon = coupon_for(member, template, key=str(day), now=noon(day))
    checkout = f"{member.pk}-{day}"
    reserve_coupons(
        member=member,
        codes=[coupon.code],
        basket=basket(amount),
        checkout_key=checkout,
        now=noon(day),
    )
    purchase = buy(member, day, str(Decimal(amount) - 10))
    use_coupons(member=member, checkout_key=checkout, purchase=purchase, now=noon(day))
    return purchase


def test_a_coupon_against_the_same_members_before(template: CouponTemplate) -> None:
    first, second = shopper("1"), shopper("2")
    buy(first, DAY - timedelta(days=11), "999.00")
    buy(first, DAY - timedelta(days=10), "40.00")
    buy(first, DAY - timedelta(days=1), "10.00")
    use(first, template, DAY, "110.00")
    buy(first, DAY + timedelta(days=9), "30.00")
    buy(first, DAY + timedelta(days=10), "999.00")
    use(second, template, DAY, "60.00")
    found = coupon_return(template, NIGHT, days=10)
    assert found is not None
    assert (found.method, found.members, found.compared) == (BEFORE_AFTER, 2, 2)
    assert (found.spent, found.baseline, found.cost) == (180, 50, 20)
    assert (found.incremental, found.roi, found.advice) == (130, Decimal("5.5"), "weak")
    dearer = coupon_return(template, NIGHT, days=10, other_cost=Decimal(6))
    assert dearer is not None
    assert (dearer.cost, dearer.roi) == (26, 4)


def test_who_has_had_it_for_too_short_a_time_is_left_out(template: CouponTemplate) -> None:
    use(shopper("1"), template, DAY, "60.00")
    assert coupon_return(template, DAY + timedelta(days=9), days=10) is None
    found = coupon_return(template, DAY + timedelta(days=10), days=10)
    assert found is not None
    assert found.members == 1


def test_refunds_count_and_a_coupon_given_back_does_not(template: CouponTemplate) -> None:
    first, second = shopper("1"), shopper("2")
    kept = use(first, template, DAY, "110.00")
    give_back(kept, DAY + timedelta(days=1), "30.00")
    sent_back = use(second, template, DAY, "60.00")
    give_back(sent_back, DAY + timedelta(days=1), "50.00")
    give_back_coupons(purchase=sent_back, now=noon(DAY + timedelta(days=2)))
    found = coupon_return(template, NIGHT, days=10)
    assert found is not None
    assert (found.members, found.spent, found.cost) == (1, 70, 10)


def hold_out(*members: Member, since: date = DAY) -> Segment:
    segment = Segment.objects.create(code="held-out", name_en="Held out")
    for member in members:
        SegmentMembership.objects.create(segment=segment, member=member, from_on=since)
    return segment


def test_a_coupon_against_members_who_were_held_out(template: CouponTemplate) -> None:
    given = [shopper(str(number)) for number in range(4)]
    kept = [shopper(str(number)) for number in range(10, 13)]
    use(given[0], template, DAY, "110.00")
    for member in given[1:]:
        coupon_for(member, template, key="k", now=noon(DAY))
    buy(given[1], DAY + timedelta(days=3), "60.00")
    buy(kept[0], DAY + timedelta(days=3), "30.00")
    buy(kept[0], DAY + timedelta(days=10), "999.00")
    # Held out, and given one all the same: on neither side.
    buy(kept[2], DAY + timedelta(days=3), "500.00")
    coupon_for(kept[2], template, key="k", now=noon(DAY))
    found = coupon_return(template, NIGHT, days=10, hold_out=hold_out(*kept))
    assert found is not None
    assert (found.method, found.members, found.compared) == (HELD_OUT, 4, 2)
    # Two held out spent 30.00: four would have spent 60.00.
    assert (found.spent, found.baseline, found.cost) == (160, 60, 10)
    assert found.roi == 9


def test_nobody_held_out_is_nothing_to_measure(template: CouponTemplate) -> None:
    use(shopper("1"), template, DAY, "110.00")
    late = hold_out(shopper("2"), since=DAY + timedelta(days=1))
    assert coupon_return(template, NIGHT, days=10, hold_out=late) is None


def test_a_reward_costs_what_its_points_are_worth(db: None) -> None:
    programme()
    PointsMoney.objects.update_or_create(pk=1, defaults={"points_per_money": 100})
    member, item = shopper("1"), reward(points=300)
    earn_points(member=member, points=1_000, key="e", now=noon(DAY))
    buy(member, DAY - timedelta(days=1), "5.00")
    redeemed(member, item, now=noon(DAY))
    buy(member, DAY + timedelta(days=1), "80.00")
    found = reward_return(item, NIGHT, days=10)
    assert found is not None
    assert (found.spent, found.baseline, found.cost, found.roi) == (80, 5, 3, 24)
