"""Stretches of days that figures are added up over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

# Beyond so many days a series is told by weeks, beyond so many by months.
MOST_DAYS = 45
MOST_DAYS_OF_WEEKS = 200


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def end(self) -> date:
        """The day after the last: what happened before it is within."""
        return self.last + timedelta(days=1)

    @property
    def step(self) -> str:
        """By what a series over it is told: day, week or month."""
        if self.days <= MOST_DAYS:
            return "day"
        return "week" if self.days <= MOST_DAYS_OF_WEEKS else "month"

    def previous(self) -> "Period":
        """The same number of days right before it."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def parts(self) -> Iterator["Period"]:
        """The days, weeks (from Monday) or months of it, the first and last cut to fit."""
        start = self.first
        while start <= self.last:
            end = min(_part_end(start, self.step), self.last)
            yield Period(start, end)
            start = end + timedelta(days=1)


def month_period(year: int, month: int) -> Period:
    """A calendar month."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return Period(date(year, month, 1), following - timedelta(days=1))


def overlap(one: Period, two: Period) -> int:
    """How many days they share."""
    return max(0, (min(one.last, two.last) - max(one.first, two.first)).days + 1)


def _part_end(day: date, step: str) -> date:
    if step == "day":
        return day
    if step == "week":
        return day + timedelta(days=6 - day.weekday())
    return month_period(day.year, day.month).last
