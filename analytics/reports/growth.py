"""Who joins, who is active, and who buys for the first time."""

from dataclasses import dataclass

from django.db.models import Count

from analytics.models import MemberMetrics
from analytics.rules.periods import Period

from .daily import members_joined, parts_of


@dataclass(frozen=True)
class GrowthPart:
    """A day, week or month: `members` and `active_30` as of its end, the others of it."""

    period: Period
    joined: int
    members: int
    active_30: int
    first_buyers: int
    orders: int


def growth(period: Period) -> list[GrowthPart]:
    """The period's days, weeks or months. First purchases are as the latest night knows them."""
    firsts = MemberMetrics.objects.filter(first_purchase_on__range=(period.first, period.last))
    by_day = dict(firsts.order_by().values_list("first_purchase_on").annotate(members=Count("pk")))
    parts = parts_of(period)
    members = members_joined(period) - sum(part.sums.joined for part in parts)
    found = []
    for part in parts:
        members += part.sums.joined
        first, last = part.period.first, part.period.last
        found.append(
            GrowthPart(
                period=part.period,
                joined=part.sums.joined,
                members=members,
                active_30=part.sums.active_30,
                first_buyers=sum(n for day, n in by_day.items() if day and first <= day <= last),
                orders=part.sums.orders,
            )
        )
    return found
