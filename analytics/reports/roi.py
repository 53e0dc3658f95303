"""What a benefit brought for what it cost, and against what that was measured.

Against members who were held out where there are some: members of a segment who were given none.
Else against the same members before: their net money in so many days from the day on which they
first had it, and in as many days before. That is a weaker proof, for who buys with a coupon today
may only have waited for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Min, Sum

from analytics.rules.roi import advice_on, return_on
from analytics.spans import as_of, fetched_date
from benefits.models import BirthdayPerk, Coupon, CouponTemplate, CouponUse, Reward
from common import clock
from common.money import from_minor
from common.sql import fetch_sql
from loyalty.forecast import worth
from loyalty.models import EarningRule
from members.models import Segment

HELD_OUT, BEFORE_AFTER = "held_out", "before_after"


@dataclass(frozen=True)
class BenefitReturn:
    """`members` had the benefit; `compared` are who they are measured against.

    `baseline` is what they would have spent by that measure, `spent` what they did. `cost` is
    what was given, with any other cost that was named.
    """

    method: str
    members: int
    compared: int
    spent: Decimal
    baseline: Decimal
    cost: Decimal

    @property
    def incremental(self) -> Decimal:
        return self.spent - self.baseline

    @property
    def roi(self) -> Decimal | None:
        """(incremental − cost) / cost; None where it cost nothing."""
        return return_on(incremental=self.incremental, cost=self.cost)

    @property
    def advice(self) -> str:
        return advice_on(self.roi)


def coupon_return(
    template: CouponTemplate,
    day: date,
    *,
    days: int,
    hold_out: Segment | None = None,
    other_cost: Decimal = Decimal(0),
) -> BenefitReturn | None:
    """Of a coupon offer, as of the beginning of a day; None where there is nothing to measure."""
    params = {"benefit": template.pk}
    if hold_out is None:
        return _around("around_coupon", params, day, days, other_cost)
    first = Coupon.objects.filter(template=template, member__isnull=False).aggregate(
        first=Min("issued_at")
    )["first"]
    if first is None:
        return None
    span = _Span.beginning(clock.business_date(first), days, day)
    cost = _discount(template, span) + other_cost
    return _held_out("held_out_coupon", params, day, span, hold_out, cost)


def reward_return(
    reward: Reward, day: date, *, days: int, other_cost: Decimal = Decimal(0)
) -> BenefitReturn | None:
    """Of a reward: its cost is what the points were worth, and any other cost that was named."""
    params = {"benefit": reward.pk}
    return _around("around_reward", params, day, days, other_cost, in_points=True)


def campaign_return(
    campaign: EarningRule,
    day: date,
    *,
    days: int,
    hold_out: Segment | None = None,
    other_cost: Decimal = Decimal(0),
) -> BenefitReturn | None:
    """Of a campaign, all its versions: its cost is what the points that it gave were worth.

    A segment held out is compared with the members of the campaign's own segments, whether they
    bought or not: who only counts when buying has bought more than others by that alone.
    """
    params = _campaign_params(campaign)
    if hold_out is None:
        return _around("around_campaign", params, day, days, other_cost, in_points=True)
    first_on, _points = _given_by(params, until=day)
    begun = campaign.starts_on or first_on
    if begun is None or begun >= day:
        return None
    span = _Span.beginning(begun, days, day)
    _first, points = _given_by(params, until=span.until)
    cost = worth(points) + other_cost
    return _held_out("held_out_campaign", params, day, span, hold_out, cost)


def perk_return(
    perk: BirthdayPerk, day: date, *, days: int, other_cost: Decimal = Decimal(0)
) -> BenefitReturn | None:
    """Of a birthday perk, from the night on which each member was first given it.

    Its cost is what its coupon took off, or what the points that it gave were worth; a tier for a
    while has only the cost that is named. Nobody is held out: every member of the tier gets it.
    """
    in_points = perk.kind != BirthdayPerk.Kind.COUPON
    params = {"benefit": perk.pk}
    return _around("around_perk", params, day, days, other_cost, in_points=in_points)


@dataclass(frozen=True)
class _Span:
    """The days over which members held out are compared: from the first, before `until`."""

    first: date
    until: date

    @classmethod
    def beginning(cls, first: date, days: int, day: date) -> "_Span":
        return cls(first, min(first + timedelta(days=days), day))


def _around(
    name: str,
    params: Mapping[str, object],
    day: date,
    days: int,
    other_cost: Decimal,
    *,
    in_points: bool = False,
) -> BenefitReturn | None:
    asked = {**as_of(day), **params, "days": days}
    ((members, cost, earlier, later),) = fetch_sql("analytics", name, asked)
    if not members:
        return None
    return BenefitReturn(
        method=BEFORE_AFTER,
        members=members,
        compared=members,
        spent=from_minor(later),
        baseline=from_minor(earlier),
        cost=(worth(cost) if in_points else from_minor(cost)) + other_cost,
    )


def _held_out(
    name: str,
    params: Mapping[str, object],
    day: date,
    span: _Span,
    hold_out: Segment,
    cost: Decimal,
) -> BenefitReturn | None:
    asked = {"segment": hold_out.pk, "first_on": span.first, "until_on": span.until}
    rows = fetch_sql("analytics", name, {**as_of(day), **params, **asked})
    groups = {bool(is_given): (members, from_minor(net)) for is_given, members, net in rows}
    if set(groups) != {True, False}:
        return None
    (members, spent), (kept, kept_spent) = groups[True], groups[False]
    return BenefitReturn(
        method=HELD_OUT,
        members=members,
        compared=kept,
        spent=spent,
        baseline=kept_spent * members / kept,
        cost=cost,
    )


def _campaign_params(campaign: EarningRule) -> dict[str, object]:
    """The rule by its code: points were given by whichever version was in force."""
    versions = list(EarningRule.objects.versions(campaign.code))
    starts = [version.starts_on or date.min for version in versions]
    ends = [version.ends_on or date.max for version in versions]
    return {
        "benefit": campaign.pk,
        "code": campaign.code,
        "lines": "rules" if campaign.factor is None else "multipliers",
        "from_on": min(starts),
        "to_on": max(ends),
    }


def _given_by(params: Mapping[str, object], *, until: date) -> tuple[date | None, int]:
    """On which day a campaign first gave points, and how many before a day."""
    ((first, points),) = fetch_sql("analytics", "campaign_cost", {**params, "until_on": until})
    return (None if first is None else fetched_date(first)), points


def _discount(template: CouponTemplate, span: _Span) -> Decimal:
    """What its coupons took off in these days; one given back took off nothing."""
    uses = CouponUse.objects.standing().filter(
        coupon__template=template,
        purchase__business_date__gte=span.first,
        purchase__business_date__lt=span.until,
    )
    return uses.aggregate(total=Sum("discount"))["total"] or Decimal(0)
