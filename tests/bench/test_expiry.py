"""A night's expiry: against one statement that does the same, with more members, two workers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from common import clock
from loyalty.models import LotAllocation, PointsEntry

from . import books, floors, sizes
from .contest import Contest, compete
from .processes import race
from .report import Figure, Report

pytestmark = pytest.mark.bench

AT_MOST = 1.4
# Time per member with the most members, against that with 10,000 of them.
GROWTH_AT_MOST = 1.4
MEMORY_AT_MOST_MB = 200


@dataclass(frozen=True)
class Nights:
    """What the rounds gave: seconds by contender, and seconds with few members."""

    contest: Contest
    few: Contest
    memory_mb: float


class Workers:
    """So many processes that share a night; they remember how much memory the largest took."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.memory_mb = 0.0

    def __call__(self, number: int) -> float:
        books.close_nights("expire_points", before=night(number))
        books.settle()
        step, business_date = "loyalty.jobs.expire_points", night(number).isoformat()
        command = ["tests.bench.night_worker", step, business_date]
        seconds, told = race([command] * self.count)
        self.memory_mb = max(self.memory_mb, *(worker["memory_mb"] for worker in told))
        return seconds


def night(number: int) -> date:
    """The nights follow one another, whoever works on them."""
    return clock.today() - timedelta(days=books.NIGHTS - number)


def one_statement(number: int) -> float:
    books.settle()
    business_date = night(number)
    params: Mapping[str, object] = {
        "business_date": business_date,
        "cutoff": clock.cutoff(business_date),
        "key": f"expire:{business_date.isoformat()}",
        "now": clock.now(),
    }
    return floors.seconds_of("expire", params)


@pytest.fixture(name="nights", scope="module")
def nights_fixture(report: Report) -> Nights:
    """Few members first, then as many as are asked for: nights of one statement, of one worker
    and of two, in turn.
    """
    one, two = Workers(1), Workers(2)
    books.build(sizes.FEW_MEMBERS, first_end=night(0))
    few = compete(sizes.ROUNDS, {"one worker": one})
    books.build(sizes.MEMBERS, first_end=night(0))
    contest = compete(
        sizes.ROUNDS, {"one statement": one_statement, "one worker": one, "two workers": two}
    )
    return Nights(contest, few, memory_mb=max(one.memory_mb, two.memory_mb))


def test_keeps_up_with_one_statement(nights: Nights, report: Report) -> None:
    # Whoever works on a night, it finds a tenth of the lots: the rounds compare like with like.
    expired = PointsEntry.objects.filter(kind="expire").count()
    assert LotAllocation.objects.count() / expired == pytest.approx(1.75, abs=0.05)
    report.add(
        Figure(
            name=f"expiry of a night, {sizes.MEMBERS:,} members",
            floor=nights.contest.median("one statement"),
            median=nights.contest.median("one worker"),
            unit="s",
            ratio=nights.contest.ratio("one worker", "one statement"),
            at_most=AT_MOST,
            note=f"floor: one statement; {expired:,} entries written in "
            f"{3 * sizes.ROUNDS} nights, a tenth of the lots in each",
        )
    )


def test_takes_as_long_per_member_when_there_are_more(nights: Nights, report: Report) -> None:
    few = nights.few.median("one worker") / sizes.FEW_MEMBERS * 1e6
    many = nights.contest.median("one worker") / sizes.MEMBERS * 1e6
    report.add(
        Figure(
            name="expiry, time per member",
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
            name="expiry, memory of a worker",
            median=nights.memory_mb,
            unit="MB",
            at_most=MEMORY_AT_MOST_MB,
        )
    )


def test_shares_its_work(nights: Nights, report: Report) -> None:
    """Reported, not held to a bound: on two cores they share those with PostgreSQL."""
    report.add(
        Figure(
            name="expiry, two workers against one",
            floor=nights.contest.median("one worker"),
            median=nights.contest.median("two workers"),
            unit="s",
            ratio=nights.contest.ratio("one worker", "two workers"),
            note="how many times faster; wanted is 1.6 where cores are free",
        )
    )
