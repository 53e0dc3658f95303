"""How many members came back, how often members buy, and how long ago they last did."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from analytics.spans import as_of, fetched_date
from common.sql import fetch_sql

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
    """How many members bought before a day, and how many of them more than once."""
    ((buyers, by_orders, by_days),) = fetch_sql("analytics", "repurchase", as_of(day))
    return Repurchase(buyers=buyers, repeated_by_orders=by_orders, repeated_by_days=by_days)


def frequency_bands(day: date, bounds: tuple[int, ...] = FREQUENCY_BOUNDS) -> list[Band]:
    """Members by their number of orders before a day."""
    rows = fetch_sql("analytics", "buyers_by_orders", as_of(day))
    return _bands(dict(rows), bounds, lowest=1)


def recency_bands(day: date, bounds: tuple[int, ...] = RECENCY_BOUNDS) -> list[Band]:
    """Members by how many days before a day they last bought."""
    rows = fetch_sql("analytics", "buyers_by_last_day", as_of(day))
    ago = {(day - fetched_date(last_on)) // timedelta(days=1): members for last_on, members in rows}
    return _bands(ago, bounds, lowest=0)


def _bands(counts: dict[int, int], bounds: tuple[int, ...], *, lowest: int) -> list[Band]:
    bands = []
    for highest in (*bounds, None):
        members = sum(
            count
            for number, count in counts.items()
            if number >= lowest and (highest is None or number <= highest)
        )
        bands.append(Band(lowest=lowest, highest=highest, members=members))
        lowest = (highest or 0) + 1
    return bands


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / whole if whole else None
