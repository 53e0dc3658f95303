"""The programme at a glance: each figure beside its target and the period before."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from analytics.models import Kpi, Target
from analytics.rules.periods import Period, month_period, overlap
from loyalty.forecast import worth

from .buyers import repurchase
from .daily import Sums, sums_of

MONEY, NUMBER, SHARE = "money", "number", "share"
# Sums are shared out over the days of a month; the others hold as they are.
_SUMMED = (Kpi.NET_REVENUE, Kpi.ORDERS, Kpi.JOINED)
_UNITS = {
    Kpi.NET_REVENUE: MONEY,
    Kpi.ORDER_VALUE: MONEY,
    Kpi.ORDERS: NUMBER,
    Kpi.JOINED: NUMBER,
    Kpi.ACTIVE: NUMBER,
}
_PERCENT = 100


@dataclass(frozen=True)
class KpiFigure:
    """One figure of a period, the same of the period before, and its target.

    `unit` says what the three are: an amount of money, a number, or a share of one. None where
    there is nothing to tell, or no target for each of the period's months.
    """

    kpi: Kpi
    unit: str
    now: Decimal | None
    before: Decimal | None
    goal: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """How much more than before, as a share of it; None where there was nothing."""
        if self.now is None or not self.before or self.before < 0:
            return None
        return self.now / self.before - 1

    @property
    def reached(self) -> Decimal | None:
        """The share of the target."""
        return None if self.now is None or not self.goal else self.now / self.goal


def kpis(period: Period) -> list[KpiFigure]:
    """Every figure that may have a target, in the order of the page."""
    now, before = _values(period), _values(period.previous())
    targets = list(Target.objects.of_months(period.first, period.last))
    return [
        KpiFigure(
            kpi=kpi,
            unit=_UNITS.get(kpi, SHARE),
            now=now[kpi],
            before=before[kpi],
            goal=_goal(kpi, period, targets),
        )
        for kpi in Kpi
    ]


def give_back(sums: Sums) -> Decimal | None:
    """What points spent were worth and coupons took off, as a share of members' net revenue."""
    if sums.net_revenue <= 0:
        return None
    return (worth(sums.points_spent) + sums.discount) / sums.net_revenue


def _values(period: Period) -> dict[Kpi, Decimal | None]:
    sums = sums_of(period)
    return {
        Kpi.NET_REVENUE: sums.net_revenue,
        Kpi.ORDERS: Decimal(sums.orders),
        Kpi.ORDER_VALUE: sums.order_value,
        Kpi.JOINED: Decimal(sums.joined),
        Kpi.ACTIVE: Decimal(sums.active_30),
        Kpi.REPURCHASE: repurchase(period.end).rate_by_orders,
        Kpi.MEMBER_SHARE: sums.member_share,
        Kpi.REDEMPTION: sums.redemption,
        Kpi.GIVE_BACK: give_back(sums),
    }


def _goal(kpi: Kpi, period: Period, targets: Iterable[Target]) -> Decimal | None:
    """A target for the whole period; None where a part of it has none."""
    own = {(target.year, target.month): target.goal for target in targets if target.kpi == kpi}
    if kpi not in _SUMMED:
        goal = own.get((period.last.year, period.last.month))
        is_share = goal is not None and kpi not in _UNITS
        return goal / _PERCENT if goal is not None and is_share else goal
    shared, covered = Decimal(0), 0
    for (year, month), goal in own.items():
        whole = month_period(year, month)
        days = overlap(whole, period)
        shared += goal * days / whole.days
        covered += days
    return shared if covered == period.days else None
