"""When a birthday is kept, and from when until when its perks are given."""

from datetime import date, timedelta

import pytest

from benefits.rules.birthdays import (
    Birthday,
    Span,
    Window,
    celebrated_in,
    is_open,
    is_too_new,
    window_of,
)

LEAP_DAY = Birthday(2, 29)
EVE = Birthday(12, 30, is_lunar=True)
LONG_AGO = date(2020, 1, 1)


@pytest.mark.parametrize(
    ("year", "in_february", "in_march"),
    [
        (2024, date(2024, 2, 29), date(2024, 2, 29)),
        (2025, date(2025, 2, 28), date(2025, 3, 1)),
        (2026, date(2026, 2, 28), date(2026, 3, 1)),
        (2027, date(2027, 2, 28), date(2027, 3, 1)),
        (2028, date(2028, 2, 29), date(2028, 2, 29)),
        (2100, date(2100, 2, 28), date(2100, 3, 1)),
    ],
)
def test_keeps_29_february_where_the_programme_says(
    year: int, in_february: date, in_march: date
) -> None:
    assert celebrated_in(year, LEAP_DAY, leap_day_in_march=False) == in_february
    assert celebrated_in(year, LEAP_DAY, leap_day_in_march=True) == in_march


@pytest.mark.parametrize(
    ("year", "on"),
    [
        # New Year's eves of the published calendar: months of 30, 30, 29 and 29 days.
        (2022, date(2023, 1, 21)),
        (2023, date(2024, 2, 9)),
        (2024, date(2025, 1, 28)),
        (2025, date(2026, 2, 16)),
    ],
)
def test_keeps_day_30_of_the_twelfth_lunar_month_on_its_last_day(year: int, on: date) -> None:
    assert celebrated_in(year, EVE, leap_day_in_march=False) == on


@pytest.mark.parametrize(
    ("year", "month", "on"),
    [
        # 2023 had a second second month from 22 March, 2025 a second sixth from 25 July.
        (2023, 2, date(2023, 2, 20)),
        (2023, 3, date(2023, 4, 20)),
        (2025, 6, date(2025, 6, 25)),
        (2025, 7, date(2025, 8, 23)),
    ],
)
def test_is_kept_once_in_a_year_with_a_leap_month(year: int, month: int, on: date) -> None:
    birthday = Birthday(month, 1, is_lunar=True)
    assert celebrated_in(year, birthday, leap_day_in_march=False) == on


@pytest.mark.parametrize(
    ("span", "starts_on", "ends_on"),
    [
        (Span.DAY, date(2025, 3, 20), date(2025, 3, 20)),
        (Span.WEEK, date(2025, 3, 17), date(2025, 3, 23)),
        (Span.MONTH, date(2025, 3, 1), date(2025, 3, 31)),
    ],
)
def test_belongs_to_a_day_a_week_or_a_month(span: Span, starts_on: date, ends_on: date) -> None:
    window = window_of(2025, date(2025, 3, 20), span, 7)
    assert (window.starts_on, window.ends_on) == (starts_on, ends_on)
    assert window.opens_on == starts_on - timedelta(days=7)


def day_window(on: date = date(2025, 3, 20), days_ahead: int = 3) -> Window:
    return window_of(2025, on, Span.DAY, days_ahead)


@pytest.mark.parametrize(
    ("night", "opens"),
    [
        (date(2025, 3, 16), False),
        (date(2025, 3, 17), True),
        (date(2025, 3, 20), True),
        (date(2025, 3, 27), True),
        (date(2025, 3, 28), False),
    ],
)
def test_is_given_from_some_days_ahead_until_a_week_late(night: date, opens: bool) -> None:
    assert is_open(day_window(), night, LONG_AGO) is opens


@pytest.mark.parametrize(
    ("joined_on", "night", "opens"),
    [
        # On the birthday: the next night gives it. A night sees who joined before its date.
        (date(2025, 3, 20), date(2025, 3, 20), False),
        (date(2025, 3, 20), date(2025, 3, 21), True),
        # Later in the month of the birthday: it is given as well.
        (date(2025, 3, 31), date(2025, 4, 1), True),
        (date(2025, 4, 1), date(2025, 4, 2), False),
        # Before the month, after it opened.
        (date(2025, 3, 18), date(2025, 3, 19), True),
    ],
)
def test_late_joiners_have_until_the_end_of_their_month(
    joined_on: date, night: date, opens: bool
) -> None:
    assert is_open(day_window(), night, joined_on) is opens


@pytest.mark.parametrize(
    ("set_on", "joined_on", "is_new"),
    [
        (None, LONG_AGO, False),
        (date(2025, 2, 14), LONG_AGO, False),
        (date(2025, 2, 15), LONG_AGO, True),
        (date(2025, 2, 16), LONG_AGO, True),
        (date(2025, 3, 16), LONG_AGO, True),
        (date(2025, 3, 18), LONG_AGO, True),
        (date(2025, 3, 10), date(2025, 3, 10), False),
        (date(2025, 3, 11), date(2025, 3, 10), True),
    ],
)
def test_a_birthday_told_within_thirty_days_waits_a_year(
    set_on: date | None, joined_on: date, is_new: bool
) -> None:
    found = is_too_new(day_window(), set_on=set_on, joined_on=joined_on, quiet_days=30)
    assert found is is_new
