"""What lifetime models know of customers: when they came back, and what they then spent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from analytics.errors import TooFewCustomers, TooFewReturned

from .fitting import FloatArray

DAYS_A_WEEK = 7
FEWEST_CUSTOMERS = 50
FEWEST_RETURNED = 20

# What one customer paid on each day on which they bought.
Days = Mapping[date, Decimal]


@dataclass(frozen=True)
class Histories:
    """One number per customer in each column; times in weeks, spend in units of the currency.

    `frequency` counts later days with a purchase, `recency` is the time from the first purchase to
    the last, `age` the time from the first purchase to the last day looked at, `spend` the mean
    amount of a later day (0 for who never came back).
    """

    frequency: FloatArray
    recency: FloatArray
    age: FloatArray
    spend: FloatArray

    def __len__(self) -> int:
        return len(self.frequency)

    @property
    def returned(self) -> int:
        """How many came back and paid something then."""
        return int(np.count_nonzero(self.has_spend))

    @property
    def has_spend(self) -> np.typing.NDArray[np.bool_]:
        return (self.frequency > 0) & (self.spend > 0)


def histories_until(customers: Iterable[Days], end: date) -> Histories:
    """The histories as they stood at the close of a day; who came later is left out."""
    return histories_of(_history(days, end) for days in customers if min(days) <= end)


def histories_of(rows: Iterable[tuple[int, int, int, float]]) -> Histories:
    """Columns out of rows: later days, days from first to last, days from first to end, spend."""
    frequency, recency, age, spend = np.array(list(rows), dtype=np.float64).reshape(-1, 4).T
    return Histories(
        frequency=frequency,
        recency=recency / DAYS_A_WEEK,
        age=age / DAYS_A_WEEK,
        spend=spend,
    )


def check_enough(histories: Histories) -> None:
    """Refuse what is too little to fit anything to."""
    if len(histories) < FEWEST_CUSTOMERS:
        raise TooFewCustomers(customers=len(histories), fewest=FEWEST_CUSTOMERS)
    if histories.returned < FEWEST_RETURNED:
        raise TooFewReturned(returned=histories.returned, fewest=FEWEST_RETURNED)


def history_row(
    *, days: int, first: date, last: date, end: date, later_amount: float
) -> tuple[int, int, int, float]:
    """One row out of a customer's purchase days and what was paid on all but the first of them."""
    spend = later_amount / (days - 1) if days > 1 else 0.0
    return days - 1, (last - first).days, (end - first).days, spend


def _history(days: Days, end: date) -> tuple[int, int, int, float]:
    bought = sorted(day for day in days if day <= end)
    return history_row(
        days=len(bought),
        first=bought[0],
        last=bought[-1],
        end=end,
        later_amount=float(sum(days[day] for day in bought[1:])),
    )
