"""When a birthday is: in which year, on which day, and what is open around it.

A year is the calendar's own: a lunar birthday in the twelfth month belongs to the lunar year in
which it falls, whatever the solar date. So everyone has one birthday in each year, in both
calendars.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from lunar_python import LunarMonth, Solar

ONE_DAY = timedelta(days=1)
# How long after the end of its window a perk that a night missed is still given.
LATE_DAYS = 7
# The longest month, and how long before it a perk may be given at most.
MOST_DAYS_AHEAD = 60


class Span(StrEnum):
    """How much of the time around a birthday belongs to it."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Birthday:
    """A day of the solar or of the lunar calendar, without its year."""

    month: int
    day: int
    is_lunar: bool = False


@dataclass(frozen=True)
class Window:
    """The days that belong to one birthday for a perk; given from `opens_on` on.

    `celebrated_on` is the birthday itself, `starts_on` and `ends_on` the first and the last day of
    its day, week or month.
    """

    year: int
    celebrated_on: date
    opens_on: date
    starts_on: date
    ends_on: date


def celebrated_in(year: int, birthday: Birthday, *, leap_day_in_march: bool) -> date:
    """The solar date of a birthday in a year of its own calendar.

    29 February is kept on 28 February or 1 March in common years. A lunar birthday is kept in the
    ordinary month, never again in the leap month after it; the 30th of a month that has 29 days is
    kept on the 29th.
    """
    if birthday.is_lunar:
        first, length = _lunar_month(year, birthday.month)
        return first + timedelta(days=min(birthday.day, length) - 1)
    if (birthday.month, birthday.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 3, 1) if leap_day_in_march else date(year, 2, 28)
    return date(year, birthday.month, birthday.day)


def window_of(year: int, celebrated_on: date, span: Span, days_ahead: int) -> Window:
    """What belongs to a birthday: the day, its week from Monday to Sunday, or its solar month."""
    starts_on = ends_on = celebrated_on
    if span == Span.WEEK:
        starts_on = celebrated_on - timedelta(days=celebrated_on.weekday())
        ends_on = starts_on + timedelta(days=6)
    elif span == Span.MONTH:
        starts_on = celebrated_on.replace(day=1)
        ends_on = end_of_month(celebrated_on)
    return Window(
        year=year,
        celebrated_on=celebrated_on,
        opens_on=starts_on - timedelta(days=days_ahead),
        starts_on=starts_on,
        ends_on=ends_on,
    )


def windows_near(
    night: date, birthday: Birthday, span: Span, days_ahead: int, *, leap_day_in_march: bool
) -> Iterator[Window]:
    """The windows of the birthdays around a night: of last year, of this one and of the next."""
    for year in (night.year - 1, night.year, night.year + 1):
        on = celebrated_in(year, birthday, leap_day_in_march=leap_day_in_march)
        yield window_of(year, on, span, days_ahead)


def is_open(window: Window, night: date, joined_on: date) -> bool:
    """Whether a perk is to be given by the night of a date, as of that date's first instant.

    From the day on which it opens until some days after its window, for nights that were missed.
    Who joins in the month of the birthday has until its end, whatever the day; who joins later,
    and whoever joins on the night's own date, waits.
    """
    last_day = window.ends_on
    month = window.celebrated_on.replace(day=1)
    if joined_on.replace(day=1) == month:
        last_day = max(last_day, end_of_month(month))
    if joined_on > last_day or joined_on >= night:
        return False
    return window.opens_on <= night <= last_day + timedelta(days=LATE_DAYS)


def is_too_new(window: Window, *, set_on: date | None, joined_on: date, quiet_days: int) -> bool:
    """Whether a birthday was given or changed too shortly before this one to be rewarded this year.

    Counted to the day on which the perk opens, the last of the quiet days included. What was told
    by the day of joining is never too new.
    """
    if set_on is None or set_on <= joined_on:
        return False
    return window.opens_on - set_on <= timedelta(days=quiet_days)


def end_of_month(day: date) -> date:
    """The last day of the month of a date."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


@lru_cache(maxsize=512)
def _lunar_month(year: int, month: int) -> tuple[date, int]:
    """The first solar date of an ordinary lunar month, and how many days it has."""
    found = LunarMonth.fromYm(year, month)
    first = Solar.fromJulianDay(found.getFirstJulianDay())
    return date(first.getYear(), first.getMonth(), first.getDay()), found.getDayCount()
