"""Members by spending and interaction: four kinds, each to be treated differently."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analytics.models import MemberMetrics
from common.money import from_minor, to_minor
from common.sql import fetch_sql
from members.models import Member

# Where the steps of 90-day spending begin, in whole units of the currency, after nothing at all.
SPEND_STEPS = (100, 500, 2_000, 10_000)


@dataclass(frozen=True)
class QuadrantBin:
    """Members of a quadrant with as many interactions in 30 days, within one step of spending."""

    quadrant: str
    interactions: int
    step: int
    members: int
    amount: Decimal


@dataclass(frozen=True)
class Quadrant:
    """One of the four: its members and what they spent in 90 days."""

    name: str
    members: int
    amount: Decimal
    share: Decimal | None


@dataclass(frozen=True)
class QuadrantMember:
    """A member in a quadrant."""

    member: Member
    interactions: int
    amount: Decimal


def metrics_night() -> date | None:
    """The night of which members' figures are; None before the first."""
    found = MemberMetrics.objects.order_by("-business_date").values_list("business_date", flat=True)
    return found.first()


def quadrant_bins() -> list[QuadrantBin]:
    """All measured members, as the health version in force judged them; one statement."""
    steps = {f"step_{n}": to_minor(amount) for n, amount in enumerate(SPEND_STEPS, 1)}
    rows = fetch_sql("analytics", "quadrant_bins", steps)
    return [
        QuadrantBin(quadrant, interactions, step, members, from_minor(net))
        for quadrant, interactions, step, members, net in rows
    ]


def quadrants(bins: list[QuadrantBin]) -> list[Quadrant]:
    """The four, each summed over its bins."""
    whole = sum(found.members for found in bins)
    return [
        _summed(name, [found for found in bins if found.quadrant == name], whole)
        for name in MemberMetrics.Quadrant.values
    ]


def _summed(name: str, bins: list[QuadrantBin], whole: int) -> Quadrant:
    members = sum(found.members for found in bins)
    return Quadrant(
        name=name,
        members=members,
        amount=sum((found.amount for found in bins), Decimal(0)),
        share=Decimal(members) / whole if whole else None,
    )


def quadrant_members(name: str, *, offset: int = 0, limit: int = 50) -> list[QuadrantMember]:
    """Who is in a quadrant, who spent most first; two statements."""
    params: dict[str, object] = {"quadrant": name, "limit": limit, "offset": offset}
    rows = fetch_sql("analytics", "quadrant_members", params)
    members = Member.objects.in_bulk([pk for pk, _interactions, _net in rows])
    return [QuadrantMember(members[pk], times, from_minor(net)) for pk, times, net in rows]
