"""Reports of the last night's day come from what it left, as long as nothing comes late."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics import reports
from analytics.jobs import measure_members
from analytics.models import MemberMetrics
from common.jobs.nights import run_nights
from members.models import Member

from .shopping import buy, give_back, programme, shopper

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 15)
BEFORE = date(2025, 6, 14)


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    """Noon of the day before, in Shanghai."""
    with time_machine.travel("2025-06-14T04:00:00+00:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def members(traveller: time_machine.Traveller, settings: Any) -> list[Member]:
    """Ten who bought and one who did not, after the night at one o'clock."""
    settings.NIGHTLY_STEPS = ["analytics.jobs.measure_members", "analytics.jobs.score_members"]
    programme()
    members = [shopper(str(number)) for number in range(11)]
    for number, member in enumerate(members[:10]):
        buy(member, BEFORE - timedelta(days=number), f"{10 + number}.00")
    traveller.move_to("2025-06-14T17:00:00+00:00")
    assert run_nights(DAY).is_complete
    return members


def asked(day: date = DAY) -> tuple[list[tuple[str, int]], bool]:
    """The grid, and whether everybody was ranked anew for it."""
    with CaptureQueriesContext(connection) as captured:
        grid = [(cell.code, cell.members) for cell in reports.rfm_grid(day)]
    return grid, any("NTILE" in query["sql"] for query in captured)


SCORED = [("511", 2), ("422", 2), ("333", 2), ("244", 2), ("155", 2)]


def test_is_counted_from_the_night_s_scores(members: list[Member]) -> None:
    assert asked() == (SCORED, False)


def test_of_another_day_is_ranked_anew(members: list[Member]) -> None:
    grid, is_anew = asked(BEFORE)
    assert is_anew
    assert sum(count for _code, count in grid) == 9


def test_a_purchase_told_late_has_it_ranked_anew(members: list[Member]) -> None:
    buy(members[10], BEFORE, "99.00")
    grid, is_anew = asked()
    assert is_anew
    assert sum(count for _code, count in grid) == 11


def test_a_refund_told_late_has_it_ranked_anew(members: list[Member]) -> None:
    give_back(None, BEFORE, "5.00", member=members[0])
    assert asked()[1]


def test_what_is_of_the_day_itself_comes_late_for_nobody(
    members: list[Member], traveller: time_machine.Traveller
) -> None:
    traveller.move_to("2025-06-15T04:00:00+00:00")
    buy(members[10], DAY)
    buy(None, BEFORE)
    assert asked() == (SCORED, False)


def test_while_the_next_night_measures_it_is_ranked_anew(members: list[Member]) -> None:
    measure_members(DAY + timedelta(days=1), members[0].pk, members[0].pk)
    assert asked() == (SCORED, True)


def test_of_a_night_that_has_not_scored_it_is_ranked_anew(
    members: list[Member], settings: Any, traveller: time_machine.Traveller
) -> None:
    settings.NIGHTLY_STEPS = ["analytics.jobs.measure_members"]
    traveller.shift(timedelta(days=1))
    run_nights(DAY + timedelta(days=1))
    assert MemberMetrics.objects.filter(business_date=DAY + timedelta(days=1)).count() == 11
    assert asked(DAY + timedelta(days=1)) == (SCORED, True)


def buyers(day: date = DAY) -> tuple[tuple[int, int, int], list[int], list[int]]:
    found = reports.repurchase(day)
    return (
        (found.buyers, found.repeated_by_orders, found.repeated_by_days),
        [band.members for band in reports.frequency_bands(day)],
        [band.members for band in reports.recency_bands(day, bounds=(1, 5))],
    )


def test_buyers_are_counted_from_what_the_night_left(
    members: list[Member], traveller: time_machine.Traveller
) -> None:
    with CaptureQueriesContext(connection) as captured:
        stored = buyers()
    assert not any("counted AS" in query["sql"] for query in captured)
    assert stored == ((10, 0, 0), [10, 0, 0, 0, 0], [1, 4, 5])
    # Told late: two orders of one day, and one of another.
    for day in (BEFORE, BEFORE, BEFORE - timedelta(days=1)):
        buy(members[9], day, "1.00")
    anew = buyers()
    assert anew == ((10, 1, 1), [9, 0, 1, 0, 0], [2, 4, 4])
    traveller.move_to("2025-06-15T17:00:00+00:00")
    assert run_nights(DAY + timedelta(days=1)).is_complete
    assert buyers(DAY + timedelta(days=1))[:2] == anew[:2]
