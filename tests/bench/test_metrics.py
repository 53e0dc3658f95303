"""A night's member metrics of everybody: against one statement, first nights and later ones.

Predictions have no equivalent in SQL and are measured by themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from analytics.models import MemberMetrics
from analytics.services.health import measuring
from analytics.spans import LAST_ID
from common import clock
from common.models import JobRange, JobRun
from members.models import Member

from . import books, floors, sizes, visitors
from .contest import Contest, compete
from .processes import race
from .report import Figure, Report

pytestmark = pytest.mark.bench

AT_MOST = 1.5
GROWTH_AT_MOST = 1.4
MEMORY_AT_MOST_MB = 200
STEPS = "analytics.jobs.measure_members,analytics.jobs.score_members"
NIGHTS = 4 * sizes.ROUNDS


class Worker:
    """A process that works on a night's two steps; it remembers how much memory it took."""

    def __init__(self, *, is_first: bool) -> None:
        self.is_first = is_first
        self.memory_mb = 0.0

    def __call__(self, number: int) -> float:
        prepare(is_first=self.is_first)
        JobRange.objects.all().delete()
        JobRun.objects.all().delete()
        seconds, told = race([["tests.bench.night_worker", STEPS, night(number).isoformat()]])
        self.memory_mb = max(self.memory_mb, *(worker["memory_mb"] for worker in told))
        check_measured(night(number))
        return seconds


class Statement:
    """The same in one statement by hand."""

    def __init__(self, *, is_first: bool) -> None:
        self.is_first = is_first

    def __call__(self, number: int) -> float:
        prepare(is_first=self.is_first)
        params: Mapping[str, object] = measuring(night(number), first=0, last=LAST_ID)
        seconds = floors.seconds_of("metrics", params)
        check_measured(night(number))
        return seconds


@dataclass(frozen=True)
class Nights:
    """Seconds by contender: of first nights, of later ones, and with few members."""

    first: Contest
    later: Contest
    few: Contest
    memory_mb: float


def night(number: int) -> date:
    """The nights follow one another, whoever works on them."""
    return clock.today() - timedelta(days=NIGHTS - number)


def prepare(*, is_first: bool) -> None:
    if is_first:
        visitors.forget_metrics()
    else:
        books.settle()


def check_measured(day: date) -> None:
    """Everybody is measured and scored, a fifth with the best."""
    measured = MemberMetrics.objects.filter(business_date=day, recency_score__isnull=False)
    assert measured.count() == Member.objects.count()
    assert measured.filter(money_score=5).count() * 5 == measured.count()


@pytest.fixture(name="nights", scope="module")
def nights_fixture(report: Report) -> Nights:
    """Few members first, then as many as are asked for: first nights, then later ones."""
    first, later = Worker(is_first=True), Worker(is_first=False)
    visitors.build(sizes.FEW_MEMBERS, first_night=night(0))
    few = compete(sizes.ROUNDS, {"one worker": first})
    visitors.build(sizes.MEMBERS, first_night=night(0))
    begun = compete(sizes.ROUNDS, {"one statement": Statement(is_first=True), "one worker": first})
    gone_on = compete(
        sizes.ROUNDS, {"one statement": Statement(is_first=False), "one worker": later}
    )
    return Nights(begun, gone_on, few, memory_mb=max(first.memory_mb, later.memory_mb))


@pytest.mark.parametrize("which", ["first", "later"])
def test_keeps_up_with_one_statement(which: str, nights: Nights, report: Report) -> None:
    contest: Contest = getattr(nights, which)
    report.add(
        Figure(
            name=f"metrics of {sizes.MEMBERS:,} members, {which} night",
            floor=contest.median("one statement"),
            median=contest.median("one worker"),
            unit="s",
            ratio=contest.ratio("one worker", "one statement"),
            at_most=AT_MOST,
            note="floor: one statement with figures, favourites, fifths and health",
        )
    )


def test_takes_as_long_per_member_when_there_are_more(nights: Nights, report: Report) -> None:
    few = nights.few.median("one worker") / sizes.FEW_MEMBERS * 1e6
    many = nights.first.median("one worker") / sizes.MEMBERS * 1e6
    report.add(
        Figure(
            name="metrics, time per member",
            floor=few,
            median=many,
            unit="µs",
            ratio=many / few,
            at_most=GROWTH_AT_MOST,
            note=f"floor: with {sizes.FEW_MEMBERS:,} members",
        )
    )


def test_takes_little_memory(nights: Nights, report: Report) -> None:
    report.add(
        Figure(
            name="metrics, memory of a worker",
            median=nights.memory_mb,
            unit="MB",
            at_most=MEMORY_AT_MOST_MB,
        )
    )
