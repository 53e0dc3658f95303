"""The queue loses, doubles, delays and forgets; the nights come to the same end."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import redis
import time_machine

from common import clock
from common.jobs.nights import run_nights
from common.jobs.scheduler import tick, work
from common.models import JobRun
from loyalty.models import PointsEntry
from tests.loyalty.programmes import local
from tests.loyalty.tampering import broken
from tests.nights import steps
from tests.nights.fixtures import nights_fixture  # noqa: F401
from tests.nights.processes import Stage, stage_fixture  # noqa: F401

from .worlds import members_with_everything

WORKER = ("-m", "celery", "-A", "config", "worker", "--pool", "solo", "-l", "INFO")
TICK = ("-m", "celery", "-A", "config", "call", "common.tasks.tick")
DONE = "SELECT step, ranges_done FROM common_jobrun WHERE status = 'done' ORDER BY id"
SENT = "SELECT COUNT(*) FROM common_jobrange WHERE sent_at IS NOT NULL"
TODAY = date(2025, 3, 10)


class Queue:
    """Messages in the hands of a test: it decides what arrives, when and how often."""

    def __init__(self) -> None:
        self.messages: list[int] = []

    def tick(self) -> None:
        tick(send=self.messages.append)

    def deliver(self, *, times: int = 1) -> None:
        while self.messages:
            message = self.messages.pop(0)
            for _ in range(times):
                work(message, send=self.messages.append)


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(local(2025, 3, 10, 2), tick=False) as traveller:
        yield traveller


@pytest.fixture
def queue(nights: Any, traveller: time_machine.Traveller) -> Queue:
    return Queue()


def assert_whole(nights_run: int = 1) -> None:
    """Every step of every night is done and each of its members was met once."""
    assert set(JobRun.objects.values_list("status", flat=True)) == {"done"}
    assert len(steps.effects()) == len(set(steps.effects())) == 61 * nights_run


def test_every_message_twice(queue: Queue) -> None:
    queue.tick()
    queue.deliver(times=2)
    assert_whole()


def test_every_message_lost_once(queue: Queue, traveller: time_machine.Traveller) -> None:
    for _ in range(3):
        queue.tick()
        assert queue.messages
        queue.messages.clear()
        traveller.shift(timedelta(minutes=3))
    queue.tick()
    queue.deliver()
    assert_whole()


def test_every_message_a_day_late(queue: Queue, traveller: time_machine.Traveller) -> None:
    queue.tick()
    late = list(queue.messages)
    queue.messages.clear()
    traveller.shift(timedelta(days=1))
    queue.tick()
    queue.deliver()
    assert_whole(nights_run=2)
    queue.messages = late
    queue.deliver()
    assert_whole(nights_run=2)


def test_two_beats(queue: Queue) -> None:
    for _ in range(2):
        queue.tick()
    assert len(queue.messages) == 3
    while queue.messages:
        queue.deliver()
        for _ in range(2):
            queue.tick()
    assert_whole()


def test_the_clock_goes_back_by_an_hour_inside_a_night(
    queue: Queue, traveller: time_machine.Traveller
) -> None:
    queue.tick()
    work(queue.messages.pop(0), send=queue.messages.append)
    traveller.shift(timedelta(hours=-1, seconds=-1))
    queue.deliver()
    queue.tick()
    queue.deliver()
    assert_whole()
    traveller.shift(timedelta(hours=2))
    queue.tick()
    queue.deliver()
    assert_whole()


def test_a_week_without_beat_then_one_tick(queue: Queue) -> None:
    run_nights(TODAY - timedelta(days=8))
    queue.tick()
    queue.deliver()
    assert_whole(nights_run=9)
    runs = list(JobRun.objects.order_by("pk").values_list("business_date", "step"))
    nights_in_order = [TODAY - timedelta(days=days) for days in range(8, -1, -1)]
    assert runs == [
        (day, step) for day in nights_in_order for step in ("greet", "summarise", "reward")
    ]
    assert [day for _, day, _ in steps.calls] == sorted(day for _, day, _ in steps.calls)


@pytest.mark.django_db
def test_a_week_without_beat_books_each_expiry_in_its_own_night(
    settings: Any, traveller: time_machine.Traveller
) -> None:
    """The product's own steps: points that ended on each of seven days, after a week of silence."""
    settings.NIGHTLY_RANGE_SIZE = 2
    members = members_with_everything()
    run_nights(clock.today())
    traveller.shift(timedelta(days=8))
    queue = Queue()
    queue.tick()
    queue.deliver()
    expired = PointsEntry.objects.filter(kind="expire").order_by("account__member", "business_date")
    # Told of on the first night, 6 days before their end.
    assert list(expired.values_list("account__member", "points", "business_date")) == [
        row
        for member in members
        for row in ((member.pk, -31, TODAY), (member.pk, -25, TODAY + timedelta(days=6)))
    ]
    assert set(JobRun.objects.values_list("status", flat=True)) == {"done"}
    assert broken() == {}


# A real queue


@pytest.fixture
def redis_stage(stage: Stage, redis_url: str) -> Stage:
    """A stage whose queue is an empty Redis."""
    stage.environment["REDIS_URL"] = redis_url
    with redis.Redis.from_url(redis_url) as server:
        server.flushall()
    return stage


@pytest.mark.redis
def test_the_queue_is_emptied_with_ranges_in_it(redis_stage: Stage, redis_url: str) -> None:
    stage = redis_stage
    stage.use("greet", "reward")
    stage.run("-m", "tests.faults.one_tick")
    assert stage.rows(SENT) == [(3,)]
    with redis.Redis.from_url(redis_url) as server:
        assert server.llen("celery") == 3
        server.flushall()
    stage.execute("UPDATE common_jobrange SET sent_at = '2025-03-01' WHERE sent_at IS NOT NULL")
    stage.start(*WORKER)
    stage.run(*TICK)
    stage.wait_for(lambda: stage.rows(DONE) == [("greet", 3), ("reward", 3)], "the night is done")
    assert stage.effects() == [
        (step, member) for step in ("greet", "reward") for member in range(1, 31)
    ]


@pytest.mark.postgres
@pytest.mark.redis
def test_two_workers_share_the_ranges_of_a_step(redis_stage: Stage) -> None:
    stage = redis_stage
    stage.use("meet", "reward")
    workers = [stage.start(*WORKER, "-n", f"{name}@%h") for name in ("first", "second")]
    stage.run(*TICK)
    stage.wait_for(lambda: stage.rows(DONE) == [("meet", 3), ("reward", 3)], "the night is done")
    owners = stage.rows("SELECT DISTINCT claimed_by FROM common_jobrange")
    pids = {int(owner.rsplit(":", 2)[1]) for (owner,) in owners}
    assert pids == {worker.pid for worker in workers}
    assert stage.effects() == [
        (step, member) for step in ("meet", "reward") for member in range(1, 31)
    ]
    assert stage.rows("SELECT DISTINCT attempts FROM common_jobrange") == [(1,)]
