"""What a benefit brought for what it cost: against a hold-out, else against the same members."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from analytics.reports.roi import (
    BEFORE_AFTER,
    HELD_OUT,
    campaign_return,
    coupon_return,
    perk_return,
    reward_return,
)
from analytics.rules.roi import advice_on, return_on
from benefits.models import BirthdayPerk, Coupon, CouponTemplate
from benefits.services.checkout import give_back_coupons, reserve_coupons, use_coupons
from loyalty.models import EarningRule, PointsMoney, PointType, Purchase, Tier
from loyalty.services.configuration import revise_rule
from loyalty.services.points import earn_points
from members.models import Member, Segment, SegmentMembership
from tests.benefits.offers import basket, coupon_for, offer
from tests.benefits.perks import night, perk
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


def test_only_what_it_cost_in_the_days_looked_at_counts(template: CouponTemplate) -> None:
    member = shopper("1")
    use(member, template, DAY, "60.00")
    use(member, template, DAY + timedelta(days=9), "60.00")
    use(member, template, DAY + timedelta(days=10), "60.00")
    found = coupon_return(template, NIGHT, days=10)
    assert found is not None
    assert (found.spent, found.cost, found.roi) == (100, 20, 4)


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


# A campaign


def campaign(**terms: Any) -> EarningRule:
    """Twice the points of purchases for the ten days from the day on."""
    details: dict[str, Any] = {"name_en": "Twice", "factor": Decimal(2)} | terms
    rule = EarningRule.objects.create(
        code="twice",
        point_type=PointType.objects.base(),
        starts_on=DAY,
        ends_on=DAY + timedelta(days=9),
        **details,
    )
    PointsMoney.objects.update_or_create(pk=1, defaults={"points_per_money": 100})
    return rule


def for_segment(rule: EarningRule, *members: Member) -> Segment:
    chosen = Segment.objects.create(code="chosen", name_en="Chosen")
    for member in members:
        SegmentMembership.objects.create(segment=chosen, member=member, from_on=DAY)
    rule.scopes.create(segment=chosen)
    return chosen


def test_a_campaign_against_the_same_members_before(db: None) -> None:
    programme()
    rule, first, second = campaign(), shopper("1"), shopper("2")
    buy(first, DAY - timedelta(days=1), "100.00")
    buy(first, DAY + timedelta(days=2), "300.00")
    buy(first, DAY + timedelta(days=20), "999.00")
    # Never bought while it was on: had nothing of it.
    buy(second, DAY + timedelta(days=10), "50.00")
    found = campaign_return(rule, NIGHT, days=10)
    assert found is not None
    assert (found.method, found.members) == (BEFORE_AFTER, 1)
    # 300 points more, worth 3.00.
    assert (found.spent, found.baseline, found.cost) == (300, 100, 3)
    assert found.incremental == 200


def test_a_base_of_a_campaign_costs_what_its_caps_let_through(db: None) -> None:
    programme()
    rule = campaign(factor=None, points=500, cap_ever=700)
    member = shopper("1")
    for number in range(2):
        buy(member, DAY + timedelta(days=number), "10.00")
    found = campaign_return(rule, NIGHT, days=10)
    assert found is not None
    assert (found.spent, found.cost) == (20, 7)


def test_what_a_refund_took_back_cost_nothing(db: None) -> None:
    programme()
    rule = campaign()
    kept = buy(shopper("1"), DAY, "300.00")
    give_back(kept, DAY + timedelta(days=1), "100.00")
    found = campaign_return(rule, NIGHT, days=10)
    assert found is not None
    assert (found.spent, found.cost) == (200, 2)


def test_versions_of_a_campaign_are_one(db: None) -> None:
    programme()
    rule = campaign()
    buy(shopper("1"), DAY, "100.00")
    newer = revise_rule(rule=rule, factor=Decimal(3), starts_on=DAY + timedelta(days=1))
    buy(shopper("2"), DAY + timedelta(days=1), "100.00")
    found = campaign_return(newer, NIGHT, days=10)
    assert found is not None
    assert (found.members, found.cost) == (2, 3)
    assert list(EarningRule.objects.campaigns()) == [newer]


def test_a_campaign_against_members_who_were_held_out(db: None) -> None:
    programme()
    rule = campaign()
    chosen = [shopper(str(number)) for number in range(4)]
    kept = [shopper(str(number)) for number in range(10, 13)]
    for_segment(rule, *chosen)
    buy(chosen[0], DAY + timedelta(days=1), "200.00")
    buy(kept[0], DAY + timedelta(days=1), "50.00")
    buy(kept[1], DAY - timedelta(days=1), "999.00")
    # Outsiders, neither chosen nor kept, are not looked at.
    buy(shopper("99"), DAY + timedelta(days=1), "77.00")
    found = campaign_return(rule, NIGHT, days=10, hold_out=hold_out(*kept))
    assert found is not None
    assert (found.method, found.members, found.compared) == (HELD_OUT, 4, 3)
    assert found.baseline == Decimal(50) * 4 / 3
    assert (found.spent, found.cost) == (200, 2)


def test_a_campaign_that_has_not_begun_is_nothing_to_measure(db: None) -> None:
    programme()
    rule = campaign()
    for_segment(rule, shopper("1"))
    assert campaign_return(rule, DAY, days=10, hold_out=hold_out(shopper("2"))) is None
    assert campaign_return(rule, DAY, days=10) is None


# A birthday perk


BORN = {"birth_month": 5, "birth_day": 1, "birthday_set_on": date(2024, 1, 1)}


def child(number: str) -> Member:
    member = shopper(number)
    Member.objects.filter(pk=member.pk).update(**BORN)
    return member


def given(kind: str, **terms: Any) -> BirthdayPerk:
    """A perk for the day, given to all who were born on it."""
    found = perk(Tier.objects.by_rank()[0], kind=kind, starts_on=date(2025, 1, 1), **terms)
    PointsMoney.objects.update_or_create(pk=1, defaults={"points_per_money": 100})
    with time_machine.travel(noon(DAY), tick=False):
        assert night(DAY)[1] == 0
    return found


def test_birthday_points_against_the_same_members_before(db: None) -> None:
    programme()
    member = child("1")
    buy(member, DAY - timedelta(days=1), "20.00")
    found = perk_return(given("points", points=200), DAY + timedelta(days=10), days=10)
    assert found is not None
    assert (found.members, found.spent, found.baseline, found.cost) == (1, 0, 20, 2)
    assert (found.roi, found.advice) == (-11, "weak")


def test_a_birthday_coupon_costs_what_it_took_off(db: None) -> None:
    programme()
    member = child("1")
    child("2")
    gift = given("coupon", template=offer())
    coupon = Coupon.objects.get(member=member)
    reserve_coupons(
        member=member,
        codes=[coupon.code],
        basket=basket("60.00"),
        checkout_key="c",
        now=noon(DAY),
    )
    use_coupons(
        member=member,
        checkout_key="c",
        purchase=buy(member, DAY, "50.00"),
        now=noon(DAY),
    )
    found = perk_return(gift, NIGHT, days=10)
    assert found is not None
    # Both had it, one used it.
    assert (found.members, found.spent, found.cost, found.roi) == (2, 50, 10, 4)


def test_a_birthday_multiplier_costs_the_points_more(db: None) -> None:
    programme()
    member = child("1")
    gift = given("multiplier", factor=Decimal(3))
    buy(member, DAY, "100.00")
    buy(member, DAY + timedelta(days=1), "100.00")
    found = perk_return(gift, NIGHT, days=10)
    assert found is not None
    # 200 points more on the day, worth 2.00; the day after earns as always.
    assert (found.spent, found.cost, found.roi) == (200, 2, 99)


def test_a_birthday_tier_costs_only_what_is_named(db: None) -> None:
    programme()
    member = child("1")
    gift = given("tier", lift_steps=1)
    buy(member, DAY, "100.00")
    found = perk_return(gift, NIGHT, days=10)
    assert found is not None
    assert (found.cost, found.roi, found.advice) == (0, None, "none")
    dearer = perk_return(gift, NIGHT, days=10, other_cost=Decimal(4))
    assert dearer is not None
    assert (dearer.roi, dearer.advice) == (24, "none")


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
