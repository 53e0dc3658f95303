"""The grammar of periods, and the last day that each leaves valid."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from common.periods import Period, PeriodError, PeriodField, PeriodNotPlain

SPANS = [
    ("0D", date(2025, 1, 15), date(2025, 1, 15)),
    ("1D", date(2024, 2, 28), date(2024, 2, 29)),
    ("1D", date(2025, 2, 28), date(2025, 3, 1)),
    ("30D", date(2025, 1, 31), date(2025, 3, 2)),
    ("7W", date(2025, 12, 1), date(2026, 1, 19)),
    ("1M", date(2025, 1, 15), date(2025, 2, 15)),
    ("1M", date(2025, 1, 28), date(2025, 2, 28)),
    ("1M", date(2025, 1, 29), date(2025, 2, 28)),
    ("1M", date(2025, 1, 31), date(2025, 2, 28)),
    ("1M", date(2024, 1, 31), date(2024, 2, 29)),
    ("1M", date(2025, 2, 28), date(2025, 3, 28)),
    ("1M", date(2025, 11, 30), date(2025, 12, 30)),
    ("1M", date(2025, 12, 31), date(2026, 1, 31)),
    ("6M", date(2025, 8, 31), date(2026, 2, 28)),
    ("12M", date(2024, 2, 29), date(2025, 2, 28)),
    ("1Y", date(2024, 2, 29), date(2025, 2, 28)),
    ("4Y", date(2024, 2, 29), date(2028, 2, 29)),
    ("1Y", date(2023, 2, 28), date(2024, 2, 28)),
    ("100Y", date(2000, 2, 29), date(2100, 2, 28)),  # 2100 is a common year
]

ROUNDED = [
    ("12M/month", date(2025, 3, 15), date(2026, 3, 31)),
    ("12M/month", date(2025, 3, 31), date(2026, 3, 31)),
    ("12M/month", date(2025, 4, 1), date(2026, 4, 30)),
    ("12M/month", date(2023, 2, 1), date(2024, 2, 29)),
    ("1M/month", date(2025, 1, 31), date(2025, 2, 28)),
    ("1D/month", date(2025, 1, 31), date(2025, 2, 28)),
    ("1D/month", date(2025, 1, 30), date(2025, 1, 31)),
    ("3M/quarter", date(2024, 12, 31), date(2025, 3, 31)),
    ("3M/quarter", date(2025, 1, 1), date(2025, 6, 30)),
    ("1D/quarter", date(2025, 3, 30), date(2025, 3, 31)),
    ("1D/quarter", date(2025, 3, 31), date(2025, 6, 30)),
    ("1D/quarter", date(2025, 6, 30), date(2025, 9, 30)),
    ("1D/quarter", date(2025, 9, 30), date(2025, 12, 31)),
    ("1D/quarter", date(2025, 12, 31), date(2026, 3, 31)),
    ("1Y/year", date(2025, 1, 1), date(2026, 12, 31)),
    ("1Y/year", date(2025, 12, 31), date(2026, 12, 31)),
    ("1D/year", date(2025, 12, 30), date(2025, 12, 31)),
    ("1D/year", date(2025, 12, 31), date(2026, 12, 31)),
]

INACTIVE = [
    ("inactive 12M", date(2025, 1, 31), date(2026, 1, 31)),
    ("inactive 1M", date(2025, 1, 31), date(2025, 2, 28)),
    ("inactive 1D", date(2025, 1, 31), date(2025, 2, 1)),
    ("inactive 12M/month", date(2025, 3, 15), date(2026, 3, 31)),
    ("inactive 1Y/year", date(2025, 3, 15), date(2026, 12, 31)),
]

FIXED_DAYS = [
    ("@12-31", date(2025, 12, 30), date(2025, 12, 31)),
    ("@12-31", date(2025, 12, 31), date(2025, 12, 31)),
    ("@12-31", date(2026, 1, 1), date(2026, 12, 31)),
    ("@12-31>30D", date(2025, 11, 30), date(2025, 12, 31)),  # 31 days are left
    ("@12-31>30D", date(2025, 12, 1), date(2025, 12, 31)),  # exactly 30
    ("@12-31>30D", date(2025, 12, 2), date(2026, 12, 31)),  # 29
    ("@12-31>1M", date(2025, 11, 30), date(2025, 12, 31)),
    ("@12-31>1Y", date(2025, 12, 31), date(2026, 12, 31)),
    ("@02-29", date(2025, 1, 10), date(2025, 2, 28)),
    ("@02-29", date(2025, 2, 28), date(2025, 2, 28)),
    ("@02-29", date(2025, 3, 1), date(2026, 2, 28)),
    ("@02-29", date(2024, 2, 28), date(2024, 2, 29)),
    ("@02-29", date(2024, 2, 29), date(2024, 2, 29)),
    ("@02-28", date(2024, 2, 29), date(2025, 2, 28)),
]


@pytest.mark.parametrize(("text", "start", "expected"), SPANS + ROUNDED + INACTIVE + FIXED_DAYS)
def test_is_valid_through(text: str, start: date, expected: date) -> None:
    assert Period.parse(text).valid_through(start) == expected


LEAP_JOINER = date(2024, 2, 29)
ANNIVERSARIES = [
    # The day before the anniversary of 15 March, strictly after the start.
    ("anniversary", date(2020, 3, 15), date(2025, 3, 13), date(2025, 3, 14)),
    ("anniversary", date(2020, 3, 15), date(2025, 3, 14), date(2025, 3, 14)),
    ("anniversary", date(2020, 3, 15), date(2025, 3, 15), date(2026, 3, 14)),
    ("anniversary", date(2020, 3, 15), date(2025, 3, 16), date(2026, 3, 14)),
    # On 1 January the last valid day is in the year before.
    ("anniversary", date(2020, 1, 1), date(2025, 12, 31), date(2025, 12, 31)),
    ("anniversary", date(2020, 1, 1), date(2026, 1, 1), date(2026, 12, 31)),
    # The first anniversary is a year after joining, also for what happened before.
    ("anniversary", date(2025, 3, 15), date(2025, 3, 15), date(2026, 3, 14)),
    ("anniversary", date(2025, 3, 15), date(2025, 3, 10), date(2026, 3, 14)),
    # Joined on 29 February: 1 March in common years, four years in a row.
    ("anniversary", LEAP_JOINER, date(2024, 2, 29), date(2025, 2, 28)),
    ("anniversary", LEAP_JOINER, date(2025, 1, 10), date(2025, 2, 28)),
    ("anniversary", LEAP_JOINER, date(2025, 2, 28), date(2025, 2, 28)),
    ("anniversary", LEAP_JOINER, date(2025, 3, 1), date(2026, 2, 28)),
    ("anniversary", LEAP_JOINER, date(2026, 3, 1), date(2027, 2, 28)),
    ("anniversary", LEAP_JOINER, date(2027, 3, 1), date(2028, 2, 28)),
    ("anniversary", LEAP_JOINER, date(2028, 2, 28), date(2028, 2, 28)),
    ("anniversary", LEAP_JOINER, date(2028, 2, 29), date(2029, 2, 28)),
    # The safe minimum: an anniversary later than start + 30 days.
    ("anniversary>30D", date(2020, 3, 15), date(2025, 2, 12), date(2025, 3, 14)),
    ("anniversary>30D", date(2020, 3, 15), date(2025, 2, 13), date(2026, 3, 14)),
    ("anniversary>30D", date(2020, 3, 15), date(2025, 2, 14), date(2026, 3, 14)),
    ("anniversary>30D", LEAP_JOINER, date(2025, 1, 28), date(2025, 2, 28)),
    ("anniversary>30D", LEAP_JOINER, date(2025, 1, 29), date(2025, 2, 28)),
    ("anniversary>30D", LEAP_JOINER, date(2025, 1, 30), date(2026, 2, 28)),
]


@pytest.mark.parametrize(("text", "joined_on", "start", "expected"), ANNIVERSARIES)
def test_is_valid_until_the_anniversary(
    text: str, joined_on: date, start: date, expected: date
) -> None:
    assert Period.parse(text).valid_through(start, joined_on=joined_on) == expected


def test_never_ends() -> None:
    assert Period.parse("never").valid_through(date(2025, 1, 1)) is None
    assert Period.parse("never").expires_at(date(2025, 1, 1)) is None


def test_needs_the_day_of_joining_for_an_anniversary() -> None:
    with pytest.raises(ValueError, match="joining"):
        Period.parse("anniversary").valid_through(date(2025, 1, 1))


EXPIRES = [
    ("Asia/Shanghai", "1M", date(2025, 1, 15), datetime(2025, 2, 15, 16, tzinfo=UTC)),
    ("Europe/London", "12M/month", date(2011, 3, 15), datetime(2012, 3, 31, 23, tzinfo=UTC)),
    ("Europe/London", "@12-31", date(2011, 3, 15), datetime(2012, 1, 1, tzinfo=UTC)),
    ("America/Sao_Paulo", "1D", date(2018, 11, 2), datetime(2018, 11, 4, 3, tzinfo=UTC)),
]


@pytest.mark.parametrize(("zone", "text", "start", "expected"), EXPIRES)
def test_expires_when_the_next_day_starts(
    zone: str, text: str, start: date, expected: datetime
) -> None:
    with override_settings(PROGRAMME_TIMEZONE=zone):
        assert Period.parse(text).expires_at(start) == expected


WINDOWS = [
    ("12M", date(2025, 3, 15), date(2024, 3, 15)),
    ("12M", date(2024, 2, 29), date(2023, 2, 28)),
    ("12M", date(2025, 2, 28), date(2024, 2, 28)),
    ("1M", date(2025, 3, 31), date(2025, 2, 28)),
    ("1M", date(2025, 3, 29), date(2025, 2, 28)),
    ("1M", date(2025, 3, 28), date(2025, 2, 28)),
    ("1M", date(2025, 1, 1), date(2024, 12, 1)),
    ("1Y", date(2028, 2, 29), date(2027, 2, 28)),
    ("4Y", date(2028, 2, 29), date(2024, 2, 29)),
    ("2W", date(2025, 3, 1), date(2025, 2, 15)),
    ("30D", date(2024, 3, 30), date(2024, 2, 29)),
]


@pytest.mark.parametrize(("text", "day", "expected"), WINDOWS)
def test_opens_a_window_before_a_day(text: str, day: date, expected: date) -> None:
    assert Period.parse(text).before(day) == expected


@pytest.mark.parametrize("text", ["12M/month", "anniversary", "@12-31", "inactive 12M", "never"])
def test_opens_no_window_unless_plain(text: str) -> None:
    with pytest.raises(PeriodNotPlain):
        Period.parse(text).before(date(2025, 1, 1))


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        (" 12m / Month ", "12M/month"),
        ("007W", "7W"),
        ("Anniversary > 30d", "anniversary>30D"),
        ("@02-29>1y", "@02-29>1Y"),
        ("NEVER", "never"),
        ("Inactive12m", "inactive 12M"),
        ("inactive 1Y / Month", "inactive 1Y/month"),
        ("inactive 36525D/quarter", "inactive 36525D/quarter"),
        ("１２Ｍ／ｍｏｎｔｈ", "12M/month"),  # as a Chinese keyboard writes it
        ("＠１２－３１＞３０Ｄ", "@12-31>30D"),
        ("100Y", "100Y"),
        ("36525D", "36525D"),
    ],
)
def test_writes_back_one_spelling(text: str, spelling: str) -> None:
    assert str(Period.parse(text)) == spelling


NOT_PERIODS = """
    | |1|D|12|-1D|1.5M|1H|0W|0M|0Y|0D/month|12M/week|12M/|/month|12M/month/year|12M>30D
    |101Y|1201M|5219W|36526D|999999D|anniversary>|anniversary>0D|anniversary>30D/month
    |anniversary/month|@|@1-1|@00-10|@13-01|@02-30|@04-31|@12-32|@12-31>|@12-31/year
    |inactive|inactive 0D|inactive/month|inactive 12M>30D|inactive never|12M inactive
    |inactive anniversary|never>30D|forever|一年|十二M|½Y
""".replace("\n", "").split("|")


@pytest.mark.parametrize("text", [text.strip() for text in NOT_PERIODS])
def test_refuses_what_is_no_period(text: str) -> None:
    with pytest.raises(PeriodError) as refusal:
        Period.parse(text)
    assert refusal.value.code == "period_invalid"
    assert refusal.value.status == 422
    assert str(refusal.value).startswith(f"“{text}” is not a period. Write days, weeks,")


# --- Whatever the period and the day ------------------------------------------------------

UNITS = {"D": 36_525, "W": 5_218, "M": 1_200, "Y": 100}
DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))
SPAN_TEXTS = st.sampled_from(sorted(UNITS)).flatmap(
    lambda unit: st.integers(1, UNITS[unit]).map(lambda count: f"{count}{unit}")
)
MINIMUMS = st.one_of(st.just(""), SPAN_TEXTS.map(lambda span: f">{span}"))
FIXED_DAY_TEXTS = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: f"@{day:%m-%d}")
PLAIN_TEXTS = st.one_of(st.just("0D"), SPAN_TEXTS)
ROUNDED_TEXTS = st.builds("{}/{}".format, SPAN_TEXTS, st.sampled_from(["month", "quarter", "year"]))
ANCHORED_TEXTS = st.builds(
    "{}{}".format, st.one_of(st.just("anniversary"), FIXED_DAY_TEXTS), MINIMUMS
)
INACTIVE_TEXTS = st.builds("inactive {}".format, st.one_of(SPAN_TEXTS, ROUNDED_TEXTS))
PERIOD_TEXTS = st.one_of(
    PLAIN_TEXTS, ROUNDED_TEXTS, INACTIVE_TEXTS, ANCHORED_TEXTS, st.just("never")
)


@given(PERIOD_TEXTS)
def test_reads_what_it_writes(text: str) -> None:
    period = Period.parse(text)
    assert str(period) == text
    assert Period.parse(str(period)) == period


@given(PERIOD_TEXTS, DAYS, DAYS)
def test_never_ends_before_it_starts(text: str, start: date, joined_on: date) -> None:
    period = Period.parse(text)
    last_day = period.valid_through(start, joined_on=joined_on)
    if last_day is not None:
        assert last_day >= start
        assert period.minimum is None or last_day >= period.minimum.after(start)


@given(PERIOD_TEXTS, DAYS, DAYS, DAYS)
def test_never_ends_sooner_for_starting_later(
    text: str, one: date, other: date, joined_on: date
) -> None:
    period = Period.parse(text)
    sooner, later = sorted((one, other))
    first = period.valid_through(sooner, joined_on=joined_on)
    second = period.valid_through(later, joined_on=joined_on)
    assert (first is None) == (second is None)
    assert first is None or second is None or first <= second


@given(ROUNDED_TEXTS, DAYS)
def test_rounds_up_to_the_last_day_of_its_unit(text: str, start: date) -> None:
    last_day = Period.parse(text).valid_through(start)
    assert last_day is not None
    next_day = last_day + timedelta(days=1)
    months = {"month": 1, "quarter": 3, "year": 12}[text.partition("/")[2]]
    assert (next_day.day, (next_day.month - 1) % months) == (1, 0)


@given(DAYS, DAYS)
def test_ends_within_a_year_of_the_start_at_an_anniversary(start: date, joined_on: date) -> None:
    if start >= joined_on:
        last_day = Period.parse("anniversary").valid_through(start, joined_on=joined_on)
        assert last_day is not None
        assert last_day - start <= timedelta(days=366)


# --- The field ----------------------------------------------------------------------------


def test_cleans_to_one_spelling() -> None:
    assert PeriodField().clean(" 12m / Month ", None) == "12M/month"
    assert PeriodField(plain_only=True).clean("0d", None) == "0D"
    assert PeriodField(plain_only=True, allow_never=True).clean("Never", None) == "never"
    assert PeriodField(blank=True).clean("", None) == ""


@pytest.mark.parametrize(
    ("field", "text", "code", "words"),
    [
        (PeriodField(), "a year", "period_invalid", "“a year” is not a period."),
        (PeriodField(plain_only=True), "12M/month", "period_not_plain", "Use a plain number"),
        (PeriodField(plain_only=True), "inactive 7D", "period_not_plain", "Use a plain number"),
        (
            PeriodField(allow_inactivity=False),
            "inactive 12M",
            "period_needs_activity",
            "the last activity has no meaning",
        ),
        (PeriodField(plain_only=True), "never", "period_not_plain", "Use a plain number"),
        (PeriodField(allow_zero=False), "0D", "period_zero", "at least one day long"),
        (PeriodField(), "", "blank", "This field cannot be blank."),
        (PeriodField(), "9" * 25, "max_length", "at most 24 characters"),
    ],
)
def test_refuses_kindly_in_a_form(field: PeriodField, text: str, code: str, words: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        field.clean(text, None)
    assert [error.code for error in refusal.value.error_list] == [code]
    assert words in refusal.value.messages[0]


def test_migrates_with_its_options() -> None:
    _, path, args, kwargs = PeriodField(plain_only=True, allow_zero=False).deconstruct()
    assert (path, args) == ("common.periods.PeriodField", [])
    assert kwargs == {"plain_only": True, "allow_zero": False}
    assert PeriodField().deconstruct()[3] == {}
    assert PeriodField(max_length=40).deconstruct()[3] == {"max_length": 40}
