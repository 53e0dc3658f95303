"""How many members came back, how often members buy, and how long ago they last did."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from analytics.spans import as_of, fetched_date
from common.sql import fetch_sql

from .nights import MEASURED, told_rows

# The greatest number of each band but the last, which has no end.
FREQUENCY_BOUNDS = (1, 2, 5, 10)
RECENCY_BOUNDS = (30, 90, 180)


@dataclass(frozen=True)
class Repurchase:
    """Members who bought, and those of them who did so again: in another order, on another day."""

    buyers: int
    repeated_by_orders: int
    repeated_by_days: int

    @property
    def rate_by_orders(self) -> Decimal | None:
        """The share with two or more orders; None while nobody has bought."""
        return _share(self.repeated_by_orders, self.buyers)

    @property
    def rate_by_days(self) -> Decimal | None:
        """The share who bought on two or more days; None while nobody has bought."""
        return _share(self.repeated_by_days, self.buyers)


@dataclass(frozen=True)
class Band:
    """How many members lie from `lowest` to `highest`, both included; the last band has no end."""

    lowest: int
    highest: int | None
    members: int


def repurchase(day: date) -> Repurchase:
    """How many members bought before a day, and how many of them more than once.

    This and the bands below count what that day's night left, where it is the last and no fact
    has come late since; else the purchases.
    """
    if (stored := _stored(day)) is not None:
        return Repurchase(
            buyers=sum(one.members for one in stored),
            repeated_by_orders=sum(one.members for one in stored if one.orders > 1),
            repeated_by_days=sum(one.members for one in stored if one.has_days),
        )
    ((buyers, by_orders, by_days),) = fetch_sql("analytics", "repurchase", as_of(day))
    return Repurchase(buyers=buyers, repeated_by_orders=by_orders, repeated_by_days=by_days)


def frequency_bands(day: date, bounds: tuple[int, ...] = FREQUENCY_BOUNDS) -> list[Band]:
    """Members by their number of orders before a day."""
    stored = _stored(day)
    if stored is None:
        rows = fetch_sql("analytics", "buyers_by_orders", as_of(day))
    else:
        rows = [(one.orders, one.members) for one in stored]
    return _bands(rows, bounds, lowest=1)


def recency_bands(day: date, bounds: tuple[int, ...] = RECENCY_BOUNDS) -> list[Band]:
    """Members by how many days before a day they last bought."""
    stored = _stored(day)
    if stored is None:
        rows = fetch_sql("analytics", "buyers_by_last_day", as_of(day))
    else:
        rows = [(one.last_on, one.members) for one in stored]
    ago = [
        ((day - fetched_date(last_on)) // timedelta(days=1), members) for last_on, members in rows
    ]
    return _bands(ago, bounds, lowest=0)


@dataclass(frozen=True)
class _Bought:
    """Members with the same number of orders and last day; `has_days` is two of them or more."""

    orders: int
    has_days: bool
    last_on: date
    members: int


def _stored(day: date) -> list[_Bought] | None:
    rows = told_rows("stored_buyers", day, MEASURED)
    if rows is None:
        return None
    return [
        _Bought(orders, days > 1, fetched_date(last_on), members)
        for orders, days, last_on, members in rows
        if orders
    ]


def _bands(
    counts: Iterable[tuple[int, int]], bounds: tuple[int, ...], *, lowest: int
) -> list[Band]:
    counted = list(counts)
    bands = []
    for highest in (*bounds, None):
        members = sum(
            count
            for number, count in counted
            if number >= lowest and (highest is None or number <= highest)
        )
        bands.append(Band(lowest=lowest, highest=highest, members=members))
        lowest = (highest or 0) + 1
    return bands


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / whole if whole else None
