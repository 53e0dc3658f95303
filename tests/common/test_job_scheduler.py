"""Beat's tick sends what is due, once, and stops before catching up too much."""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from common.jobs.dates import backlog, due_date
from common.jobs.nights import run_nights
from common.jobs.scheduler import advance, tick, work
from common.models import JobRange, JobRun
from tests.nights import steps
from tests.nights.fixtures import nights_fixture, use_steps  # noqa: F401

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2025, 3, 10)
MORNING = datetime(2025, 3, 10, 1, 0, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def clock_at_one(nights: Any) -> Any:
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def drain() -> None:
    """Tick, then do what is sent until nothing more is."""
    queue: list[int] = []
    tick(send=queue.append)
    while queue:
        work(queue.pop(0), send=queue.append)


def test_drives_the_first_night_to_its_end() -> None:
    drain()
    assert list(JobRun.objects.order_by("pk").values_list("step", "business_date", "status")) == [
        ("greet", TODAY, "done"),
        ("summarise", TODAY, "done"),
        ("reward", TODAY, "done"),
    ]
    assert len(steps.effects()) == 61


def test_does_not_begin_before_the_hour(clock_at_one: Any) -> None:
    clock_at_one.shift(-1)
    drain()
    assert not JobRun.objects.exists()


def test_does_not_begin_without_members(nights: Any) -> None:
    steps.world.members = 0
    drain()
    assert not JobRun.objects.exists()


def test_sends_a_range_once_until_its_message_may_be_lost(clock_at_one: Any) -> None:
    assert len(advance(TODAY)) == 3
    assert advance(TODAY) == []
    clock_at_one.shift(timedelta(minutes=2, seconds=59))
    assert advance(TODAY) == []
    clock_at_one.shift(timedelta(seconds=1))
    assert len(advance(TODAY)) == 3


def test_does_nothing_twice_for_a_message_delivered_twice() -> None:
    sent: list[int] = []
    tick(send=sent.append)
    for range_id in sent * 2:
        work(range_id, send=lambda _: None)
    assert len([row for row in steps.effects() if row[0] == "greet"]) == 30


def test_sends_a_failed_range_again_until_its_attempts_are_used_up(nights: Any) -> None:
    use_steps(nights, "greet")
    steps.cursed.add(1)
    for _ in range(5):
        drain()
    row = JobRange.objects.get(number=1)
    assert (row.status, row.attempts) == ("failed", 3)
    assert JobRun.objects.get().status == "failed"
    assert not run_nights(TODAY).is_complete
    steps.cursed.clear()
    assert run_nights(TODAY).is_complete


@pytest.mark.parametrize(
    ("owed", "opened"), [(1, 1), (30, 30), (31, 31), (32, 0)], ids=["1", "30", "31", "32"]
)
def test_catches_up_31_nights_unasked(
    nights: Any, owed: int, opened: int, caplog: pytest.LogCaptureFixture
) -> None:
    use_steps(nights, "summarise")
    run_nights(TODAY - timedelta(days=owed))
    assert backlog().owed == owed
    with caplog.at_level(logging.ERROR, logger="common.jobs.scheduler"):
        drain()
    assert JobRun.objects.count() == 1 + opened
    assert bool(caplog.records) is (opened == 0)


def test_is_asked_to_catch_up_more_by_the_command(nights: Any) -> None:
    use_steps(nights, "summarise")
    run_nights(TODAY - timedelta(days=32))
    assert len(run_nights(TODAY).dates) == 32
    assert backlog().owed == 0


def test_finishes_an_opened_night_past_the_guard(nights: Any) -> None:
    use_steps(nights, "greet", "reward")
    long_ago = TODAY - timedelta(days=100)
    advance(long_ago)
    JobRange.objects.update(sent_at=None)
    drain()
    assert list(JobRun.objects.values_list("business_date", "status")) == [
        (long_ago, "done"),
        (long_ago, "done"),
    ]


def test_finishes_an_opened_night_after_the_clock_went_back(clock_at_one: Any) -> None:
    sent: list[int] = []
    tick(send=sent.append)
    clock_at_one.shift(timedelta(hours=-1))
    for range_id in sent:
        work(range_id, send=sent.append)
    assert {run.status for run in JobRun.objects.all()} == {"done"}
    assert JobRun.objects.count() == 3


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (datetime(2025, 3, 29, 23, 59, 59, tzinfo=UTC), date(2025, 3, 29)),  # 00:59 in Berlin
        (datetime(2025, 3, 30, 0, 59, 59, tzinfo=UTC), date(2025, 3, 29)),  # 01:59
        (datetime(2025, 3, 30, 1, 0, tzinfo=UTC), date(2025, 3, 30)),  # 03:00; 02:00 never was
        (datetime(2025, 10, 25, 23, 59, 59, tzinfo=UTC), date(2025, 10, 25)),  # 01:59
        (datetime(2025, 10, 26, 0, 0, tzinfo=UTC), date(2025, 10, 26)),  # 02:00, the first
        (datetime(2025, 10, 26, 1, 0, tzinfo=UTC), date(2025, 10, 26)),  # 02:00, the second
    ],
)
def test_is_due_at_the_hour_of_the_programmes_zone(settings: Any, at: datetime, due: date) -> None:
    settings.PROGRAMME_TIMEZONE = BERLIN.key
    settings.NIGHTLY_HOUR = 2
    with time_machine.travel(at, tick=False):
        assert due_date() == due
