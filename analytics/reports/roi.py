"""What a benefit brought for what it cost, and against what that was measured.

Against members who were held out where there are some: members of a segment who were given none.
Else against the same members before: their net money in so many days from the day on which they
first had it, and in as many days before. That is a weaker proof, for who buys with a coupon today
may only have waited for it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Min, Sum

from analytics.rules.roi import advice_on, return_on
from analytics.spans import as_of
from benefits.models import Coupon, CouponTemplate, CouponUse, Reward
from common import clock
from common.money import from_minor
from common.sql import fetch_sql
from loyalty.forecast import worth
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
    if hold_out is None:
        return _around("around_coupon", template.pk, day, days, other_cost)
    first = Coupon.objects.filter(template=template, member__isnull=False).aggregate(
        first=Min("issued_at")
    )["first"]
    if first is None:
        return None
    first_on = clock.business_date(first)
    until_on = min(first_on + timedelta(days=days), day)
    params = {"benefit": template.pk, "segment": hold_out.pk, "first_on": first_on}
    rows = fetch_sql("analytics", "held_out", as_of(day) | params | {"until_on": until_on})
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
        cost=_discount(template, first_on, until_on) + other_cost,
    )


def reward_return(
    reward: Reward, day: date, *, days: int, other_cost: Decimal = Decimal(0)
) -> BenefitReturn | None:
    """Of a reward: its cost is what the points were worth, and any other cost that was named."""
    return _around("around_reward", reward.pk, day, days, other_cost, in_points=True)


def _around(
    name: str, benefit: int, day: date, days: int, other_cost: Decimal, *, in_points: bool = False
) -> BenefitReturn | None:
    params = as_of(day) | {"benefit": benefit, "days": days}
    ((members, cost, earlier, later),) = fetch_sql("analytics", name, params)
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


def _discount(template: CouponTemplate, first: date, until: date) -> Decimal:
    """What its coupons took off in these days; one given back took off nothing."""
    uses = CouponUse.objects.standing().filter(
        coupon__template=template,
        purchase__business_date__gte=first,
        purchase__business_date__lt=until,
    )
    return uses.aggregate(total=Sum("discount"))["total"] or Decimal(0)
