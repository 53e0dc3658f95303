"""What was different after a day: the same span before it and from it on."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from analytics.rules.periods import Period

from .daily import Sums, sums_of

MONEY, NUMBER, SHARE = "money", "number", "share"


@dataclass(frozen=True)
class Compared:
    """One figure before and after; `unit` says what it is."""

    name: str
    unit: str
    before: Decimal | None
    after: Decimal | None

    @property
    def change(self) -> Decimal | None:
        if self.after is None or not self.before or self.before < 0:
            return None
        return self.after / self.before - 1


@dataclass(frozen=True)
class BeforeAfter:
    """Two spans of the same number of days; `asked` is how many were asked for.

    They are shorter where the span after the day is not over yet.
    """

    before: Period
    after: Period
    asked: int
    figures: list[Compared]

    @property
    def is_cut(self) -> bool:
        return self.after.days < self.asked


def before_and_after(day: date, days: int, *, yesterday: date) -> BeforeAfter:
    """So many days from the day on, up to yesterday, against as many before it."""
    last = min(day + timedelta(days=days - 1), yesterday)
    after = Period(day, last)
    before = after.previous()
    old, new = _figures(sums_of(before)), _figures(sums_of(after))
    return BeforeAfter(
        before=before,
        after=after,
        asked=days,
        figures=[Compared(name, unit, old[name, unit], new[name, unit]) for name, unit in old],
    )


def _figures(sums: Sums) -> dict[tuple[str, str], Decimal | None]:
    """By name and unit, in the order of the page."""
    return {
        ("net_revenue", MONEY): sums.net_revenue,
        ("orders", NUMBER): Decimal(sums.orders),
        ("order_value", MONEY): sums.order_value,
        ("guest_revenue", MONEY): sums.guest_revenue,
        ("member_share", SHARE): sums.member_share,
        ("joined", NUMBER): Decimal(sums.joined),
        ("active", NUMBER): Decimal(sums.active_30),
        ("points_issued", NUMBER): Decimal(sums.points_issued),
        ("points_spent", NUMBER): Decimal(sums.points_spent),
        ("coupons_used", NUMBER): Decimal(sums.coupons_used),
    }
