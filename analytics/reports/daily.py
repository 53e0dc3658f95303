"""The days' figures added up over a period, and what follows from the sums."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from django.db.models import F, Sum

from analytics.models import DailyFigure
from analytics.rules.periods import Period

_POINTS = {
    "earned": 1,
    "restored": 1,
    "adjusted": 1,
    "clawed_back": -1,
    "redeemed": -1,
    "expired": -1,
    "forfeited": -1,
}


@dataclass(frozen=True)
class Sums:
    """What happened in some days. Money is in pairs: paid, and given back on those days.

    `active_30` is as of the last of the days; the rest are sums.
    """

    joined: int
    active_30: int
    orders: int
    amount: Decimal
    refunded: Decimal
    guest_orders: int
    guest_amount: Decimal
    guest_refunded: Decimal
    discount: Decimal
    paid_by_points: Decimal
    points_earned: int
    points_clawed_back: int
    points_redeemed: int
    points_restored: int
    points_expired: int
    points_adjusted: int
    points_forfeited: int
    coupons_issued: int
    coupons_used: int

    @classmethod
    def of(cls, rows: Sequence[DailyFigure]) -> Self:
        """Add days up."""
        names = [name for name in cls.__dataclass_fields__ if name != "active_30"]
        sums = {name: sum(getattr(row, name) for row in rows) for name in names}
        for name in _MONEY:
            sums[name] = Decimal(sums[name])
        return cls(**sums, active_30=rows[-1].active_members_30 if rows else 0)

    @property
    def net_revenue(self) -> Decimal:
        """What members paid, less what they were given back."""
        return self.amount - self.refunded

    @property
    def guest_revenue(self) -> Decimal:
        return self.guest_amount - self.guest_refunded

    @property
    def order_value(self) -> Decimal | None:
        """Net revenue of members for each of their orders; None without any."""
        return self.net_revenue / self.orders if self.orders else None

    @property
    def guest_order_value(self) -> Decimal | None:
        return self.guest_revenue / self.guest_orders if self.guest_orders else None

    @property
    def member_share(self) -> Decimal | None:
        """Members' share of all net revenue; None where there is none."""
        whole = self.net_revenue + self.guest_revenue
        return self.net_revenue / whole if whole > 0 else None

    @property
    def points_spent(self) -> int:
        """Redeemed, less what was given back of it."""
        return self.points_redeemed - self.points_restored

    @property
    def points_issued(self) -> int:
        """Earned, less what refunds took back."""
        return self.points_earned - self.points_clawed_back

    @property
    def redemption(self) -> Decimal | None:
        """Points spent for each point issued; None where none was issued."""
        issued = self.points_issued
        return Decimal(self.points_spent) / issued if issued > 0 else None

    @property
    def points_change(self) -> int:
        """How the points that are out, less what members owe, have moved."""
        return sum(sign * getattr(self, f"points_{name}") for name, sign in _POINTS.items())


_MONEY = ("amount", "refunded", "guest_amount", "guest_refunded", "discount", "paid_by_points")


@dataclass(frozen=True)
class Part:
    """A day, week or month of a period with its sums."""

    period: Period
    sums: Sums


def sums_of(period: Period) -> Sums:
    """A period's sums, in one query of a row for each day."""
    return Sums.of(list(DailyFigure.objects.between(period.first, period.last)))


def parts_of(period: Period) -> list[Part]:
    """A period's days, weeks or months, each with its sums; the same one query."""
    rows = list(DailyFigure.objects.between(period.first, period.last))
    return [Part(part, Sums.of(_within(rows, part))) for part in period.parts()]


def points_outstanding(period: Period) -> int:
    """Base points out at the period's end, less what members owe: all days' moves added up."""
    total = Sum(
        sum(sign * F(f"points_{name}") for name, sign in _POINTS.items()),
    )
    found = DailyFigure.objects.until(period.last).aggregate(total=total)["total"]
    return int(found or 0)


def members_joined(period: Period) -> int:
    """Everyone who had joined by the period's end."""
    found = DailyFigure.objects.until(period.last).aggregate(total=Sum("joined"))["total"]
    return int(found or 0)


def _within(rows: Iterable[DailyFigure], part: Period) -> list[DailyFigure]:
    return [row for row in rows if part.first <= row.business_date <= part.last]
