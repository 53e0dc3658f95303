"""Points as an economy: what came in, what went out, and what is still owed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from analytics.rules.periods import Period
from loyalty.forecast import (
    ExpiringMonth,
    Liability,
    liability,
    programme_expiring_by_month,
    worth,
)

from .daily import Part, Sums, parts_of, points_outstanding, sums_of
from .overview import give_back

# Breakage is told from what became of points in so many days.
BREAKAGE_DAYS = 365


@dataclass(frozen=True)
class Breakage:
    """Points that are never spent: `expired` and `spent` of a year, and what that foretells.

    `rate` is the share of points that ended by expiring; None where none ended. `points` of those
    outstanding are expected to expire, worth `amount` at the programme's rate.
    """

    expired: int
    spent: int
    rate: Decimal | None
    points: int
    amount: Decimal


@dataclass(frozen=True)
class PointsEconomy:
    """A period's flows; `outstanding` at its end, `owed` and `expiring` as of now."""

    sums: Sums
    parts: list[Part]
    outstanding: int
    give_back: Decimal | None
    owed: Liability
    breakage: Breakage
    expiring: list[ExpiringMonth]


def points_economy(period: Period, now: datetime) -> PointsEconomy:
    """Base points in a period and as of its end, and what they would cost now."""
    sums, owed = sums_of(period), liability(now)
    return PointsEconomy(
        sums=sums,
        parts=parts_of(period),
        outstanding=points_outstanding(period),
        give_back=give_back(sums),
        owed=owed,
        breakage=_breakage(period, owed),
        expiring=programme_expiring_by_month(now),
    )


def _breakage(period: Period, owed: Liability) -> Breakage:
    year = sums_of(Period(period.end - timedelta(days=BREAKAGE_DAYS), period.last))
    expired, spent = year.points_expired, max(0, year.points_spent)
    ended = expired + spent
    rate = Decimal(expired) / ended if ended else None
    points = int((rate or 0) * owed.points)
    return Breakage(expired=expired, spent=spent, rate=rate, points=points, amount=worth(points))
