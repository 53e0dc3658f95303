"""Business dates and the start of a day, also where midnight is skipped or comes twice."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import override_settings

from common import clock

SHANGHAI = "Asia/Shanghai"
LONDON = "Europe/London"
SAO_PAULO = "America/Sao_Paulo"
BEIRUT = "Asia/Beirut"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


STARTS = [
    (SHANGHAI, date(2025, 3, 15), "2025-03-14 16:00:00"),
    (LONDON, date(2011, 1, 1), "2011-01-01 00:00:00"),
    (LONDON, date(2011, 3, 27), "2011-03-27 00:00:00"),  # summer time starts at 01:00 that day
    (LONDON, date(2011, 3, 28), "2011-03-27 23:00:00"),
    (LONDON, date(2011, 10, 30), "2011-10-29 23:00:00"),  # and ends that day
    (LONDON, date(2011, 10, 31), "2011-10-31 00:00:00"),
    (SAO_PAULO, date(2018, 11, 3), "2018-11-03 03:00:00"),
    (SAO_PAULO, date(2018, 11, 4), "2018-11-04 03:00:00"),  # 00:00 does not exist: 01:00
    (SAO_PAULO, date(2018, 11, 5), "2018-11-05 02:00:00"),
    (SAO_PAULO, date(2018, 2, 18), "2018-02-18 03:00:00"),  # 23:00 of the 17th comes twice
    (BEIRUT, date(2024, 3, 31), "2024-03-30 22:00:00"),  # 00:00 does not exist
    (BEIRUT, date(2024, 4, 1), "2024-03-31 21:00:00"),
    ("America/Havana", date(2024, 11, 3), "2024-11-03 04:00:00"),  # 00:00 comes twice: the first
    ("America/Havana", date(2024, 11, 4), "2024-11-04 05:00:00"),
    ("America/Toronto", date(1919, 3, 31), "1919-03-31 04:30:00"),  # 23:30 became 00:30
    ("Pacific/Apia", date(2011, 12, 30), "2011-12-30 10:00:00"),  # the day was left out
    ("Pacific/Apia", date(2011, 12, 31), "2011-12-30 10:00:00"),
]


@pytest.mark.parametrize(("zone", "day", "expected"), STARTS)
def test_starts_a_day_at_its_first_instant(zone: str, day: date, expected: str) -> None:
    with override_settings(PROGRAMME_TIMEZONE=zone):
        assert clock.start_of(day) == utc(expected)
        assert clock.cutoff(day) == utc(expected)


@pytest.mark.parametrize("zone", [SHANGHAI, LONDON, SAO_PAULO, BEIRUT])
@pytest.mark.parametrize("year", [2011, 2018])
def test_splits_every_day_of_a_year_at_its_start(zone: str, year: int) -> None:
    with override_settings(PROGRAMME_TIMEZONE=zone):
        for ordinal in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
            day = date.fromordinal(ordinal)
            start = clock.start_of(day)
            assert start.tzinfo is UTC
            assert clock.business_date(start) == day
            before = clock.business_date(start - timedelta(microseconds=1))
            assert before == day - timedelta(days=1)


BUSINESS_DATES = [
    (SHANGHAI, "2025-03-14 15:59:59.999999", date(2025, 3, 14)),  # 23:59
    (SHANGHAI, "2025-03-14 16:00:00", date(2025, 3, 15)),  # 00:00
    (LONDON, "2011-07-01 22:59:59", date(2011, 7, 1)),
    (LONDON, "2011-07-01 23:00:00", date(2011, 7, 2)),
    (LONDON, "2011-12-31 23:59:59", date(2011, 12, 31)),
    (LONDON, "2012-01-01 00:00:00", date(2012, 1, 1)),
    (SAO_PAULO, "2018-11-04 02:59:59", date(2018, 11, 3)),
    (SAO_PAULO, "2018-11-04 03:00:00", date(2018, 11, 4)),
    (SHANGHAI, "2024-02-28 16:00:00", date(2024, 2, 29)),
    (SHANGHAI, "2024-02-29 16:00:00", date(2024, 3, 1)),
]


@pytest.mark.parametrize(("zone", "at", "expected"), BUSINESS_DATES)
def test_dates_an_instant_in_the_programmes_zone(zone: str, at: str, expected: date) -> None:
    with override_settings(PROGRAMME_TIMEZONE=zone):
        assert clock.business_date(utc(at)) == expected


def test_refuses_to_date_a_naive_instant() -> None:
    naive = utc("2025-01-01 00:00:00").replace(tzinfo=None)
    with pytest.raises(ValueError, match="naive"):
        clock.business_date(naive)


@override_settings(PROGRAMME_TIMEZONE=SHANGHAI)
def test_knows_today_by_the_zone() -> None:
    with time_machine.travel(utc("2025-12-31 15:59:59"), tick=False):
        assert clock.now() == utc("2025-12-31 15:59:59")
        assert clock.today() == date(2025, 12, 31)
    with time_machine.travel(utc("2025-12-31 16:00:00"), tick=False):
        assert clock.today() == date(2026, 1, 1)


@override_settings(PROGRAMME_TIMEZONE=SHANGHAI)
def test_shows_the_last_valid_day_of_a_half_open_end() -> None:
    assert clock.last_valid_day(clock.start_of(date(2026, 1, 1))) == date(2025, 12, 31)
    assert clock.last_valid_day(utc("2025-12-31 15:59:59")) == date(2025, 12, 31)
    assert clock.last_valid_day(utc("2025-12-31 16:00:00.000001")) == date(2026, 1, 1)


@override_settings(PROGRAMME_TIMEZONE=SAO_PAULO)
def test_shows_the_last_valid_day_where_midnight_is_skipped() -> None:
    assert clock.last_valid_day(clock.start_of(date(2018, 11, 4))) == date(2018, 11, 3)


def test_never_posts_before_the_last_entry() -> None:
    earlier, later = utc("2025-01-01 00:00:00"), utc("2025-01-01 01:00:00")
    assert clock.ledger_instant(later, earlier) == later
    assert clock.ledger_instant(earlier, later) == later
    assert clock.ledger_instant(earlier, earlier) == earlier
    assert clock.ledger_instant(earlier, None) == earlier
