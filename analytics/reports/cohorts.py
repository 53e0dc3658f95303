"""What becomes of the members who first bought in the same month."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from analytics.spans import as_of
from common.sql import fetch_sql


@dataclass(frozen=True)
class Cohort:
    """Members by the month of their first purchase; `active[n]` bought in the n-th month after it.

    `active[0]` is all of them.
    """

    month: date
    active: tuple[int, ...]

    @property
    def shares(self) -> tuple[Decimal, ...]:
        """The same as shares of the cohort."""
        return tuple(Decimal(members) / self.active[0] for members in self.active)


def first_purchase_cohorts(day: date) -> list[Cohort]:
    """The triangle of all months up to the one of the day before, the oldest first.

    A month in which nobody bought for the first time has no cohort.
    """
    rows = fetch_sql("analytics", "cohorts", as_of(day))
    last = _index((day - timedelta(days=1)).strftime("%Y-%m"))
    cohorts: dict[str, list[int]] = {}
    for first_month, month, members in rows:
        age = _index(month) - _index(first_month)
        ages = last - _index(first_month) + 1
        cohorts.setdefault(first_month, [0] * ages)[age] = members
    return [
        Cohort(month=date.fromisoformat(f"{month}-01"), active=tuple(active))
        for month, active in sorted(cohorts.items())
    ]


def _index(month: str) -> int:
    """Months since the year 0."""
    year, number = month.split("-")
    return int(year) * 12 + int(number)
