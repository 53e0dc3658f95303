"""A night's tier review of everybody: against one statement, with more members, two workers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from common import clock
from common.models import JobRange, JobRun
from common.periods import Period
from loyalty.models import Ladder, Standing, Tier, TierChange
from loyalty.services.ladder import ladder_version
from loyalty.services.windows import window_of_night

from . import floors, shoppers, sizes
from .contest import Contest, compete
from .processes import race
from .report import Figure, Report

pytestmark = pytest.mark.bench

AT_MOST = 1.4
# Time per member with the most members, against that with 10,000 of them.
GROWTH_AT_MOST = 1.4
MEMORY_AT_MOST_MB = 200
NIGHTS = 3 * sizes.ROUNDS


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
        shoppers.forget_reviews(night(0))
        # A floor's nights are in no ledger of jobs: workers would catch them up first.
        JobRange.objects.all().delete()
        JobRun.objects.all().delete()
        step, business_date = "loyalty.jobs.review_tiers", night(number).isoformat()
        command = ["tests.bench.night_worker", step, business_date]
        seconds, told = race([command] * self.count)
        self.memory_mb = max(self.memory_mb, *(worker["memory_mb"] for worker in told))
        check_reviewed()
        return seconds


def night(number: int) -> date:
    """The nights follow one another, whoever works on them."""
    return clock.today() - timedelta(days=NIGHTS - number)


def one_statement(number: int) -> float:
    shoppers.forget_reviews(night(0))
    business_date, ladder = night(number), Ladder.objects.solo()
    last_day = business_date - timedelta(days=1)
    params: Mapping[str, object] = {
        "business_date": business_date,
        "cutoff": clock.cutoff(business_date),
        "window_from": window_of_night(ladder, business_date),
        "valid_until": Period.parse(ladder.validity).expires_at(last_day),
        "version": ladder_version(ladder, list(Tier.objects.by_rank())).pk,
    }
    seconds = floors.seconds_of("review", params)
    check_reviewed()
    return seconds


def check_reviewed() -> None:
    """Whoever works on a night looks at everybody, and one in five rises."""
    latest = Standing.objects.order_by("-reviewed_at").values_list("reviewed_at")[:1]
    reviewed = Standing.objects.filter(reviewed_at=latest)
    assert reviewed.count() == Standing.objects.count()
    assert reviewed.filter(tier__rank=1).count() * 5 == reviewed.count()


@pytest.fixture(name="nights", scope="module")
def nights_fixture(report: Report) -> Nights:
    """Few members first, then as many as are asked for, in turn."""
    one, two = Workers(1), Workers(2)
    shoppers.build(sizes.FEW_MEMBERS, first_night=night(0))
    few = compete(sizes.ROUNDS, {"one worker": one})
    shoppers.build(sizes.MEMBERS, first_night=night(0))
    contest = compete(
        sizes.ROUNDS, {"one statement": one_statement, "one worker": one, "two workers": two}
    )
    return Nights(contest, few, memory_mb=max(one.memory_mb, two.memory_mb))


def test_keeps_up_with_one_statement(nights: Nights, report: Report) -> None:
    report.add(
        Figure(
            name=f"tier review of {sizes.MEMBERS:,} members",
            floor=nights.contest.median("one statement"),
            median=nights.contest.median("one worker"),
            unit="s",
            ratio=nights.contest.ratio("one worker", "one statement"),
            at_most=AT_MOST,
            note=f"floor: one statement; {shoppers.PURCHASES} purchases each, "
            f"{TierChange.objects.count():,} changes in {NIGHTS} nights",
        )
    )


def test_takes_as_long_per_member_when_there_are_more(nights: Nights, report: Report) -> None:
    few = nights.few.median("one worker") / sizes.FEW_MEMBERS * 1e6
    many = nights.contest.median("one worker") / sizes.MEMBERS * 1e6
    report.add(
        Figure(
            name="tier review, time per member",
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
            name="tier review, memory of a worker",
            median=nights.memory_mb,
            unit="MB",
            at_most=MEMORY_AT_MOST_MB,
        )
    )


def test_shares_its_work(nights: Nights, report: Report) -> None:
    """Reported, not held to a bound: on two cores they share those with PostgreSQL."""
    report.add(
        Figure(
            name="tier review, two workers against one",
            floor=nights.contest.median("one worker"),
            median=nights.contest.median("two workers"),
            unit="s",
            ratio=nights.contest.ratio("one worker", "two workers"),
            note="how many times faster; wanted is 1.6 where cores are free",
        )
    )
