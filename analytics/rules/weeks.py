"""Repeat purchases week by week: what happened beside what a model expects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from .histories import DAYS_A_WEEK
from .returning import Returning


@dataclass(frozen=True)
class Week:
    """Purchase days after customers' first, in the seven days that end on `ends_on`.

    `is_held_out` says that the week lies behind the calibration: the model has not seen it.
    """

    number: int
    ends_on: date
    actual: int
    expected: float
    is_held_out: bool


def weeks_of(
    model: Returning,
    *,
    firsts: Mapping[date, int],
    repeats: Mapping[date, int],
    calibration_end: date,
    end: date,
) -> list[Week]:
    """All whole weeks from the first purchase to `end`.

    `firsts` counts customers by the day of their first purchase, `repeats` their later purchase
    days by date; both are of customers who first bought during the calibration.
    """
    start = min(firsts)
    days = np.array([(day - start).days for day in firsts], dtype=np.float64)
    customers = np.array(list(firsts.values()), dtype=np.float64)
    count = ((end - start).days + 1) // DAYS_A_WEEK
    actual = [0] * (count + 1)
    for day, purchases in repeats.items():
        actual[min((day - start).days // DAYS_A_WEEK, count)] += purchases
    weeks, before = [], 0.0
    for number in range(1, count + 1):
        last_day = number * DAYS_A_WEEK - 1
        ages = np.maximum(last_day - days, 0.0) / DAYS_A_WEEK
        so_far = float(customers @ model.expected(ages))
        ends_on = start + timedelta(days=last_day)
        weeks.append(
            Week(
                number=number,
                ends_on=ends_on,
                actual=actual[number - 1],
                expected=so_far - before,
                is_held_out=ends_on > calibration_end,
            )
        )
        before = so_far
    return weeks
