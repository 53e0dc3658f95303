"""Nights whose processes are killed, doubled or cut off come to the same end."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from common.jobs.nights import run_nights
from common.models import JobRange
from tests.nights import steps
from tests.nights.fixtures import nights_fixture, use_steps  # noqa: F401
from tests.nights.processes import Stage, stage_fixture  # noqa: F401

NIGHTLY = ("manage.py", "run_nightly", "--date")
WORKER = ("-m", "celery", "-A", "config", "worker", "-c", "2", "-l", "INFO")
TICK = ("-m", "celery", "-A", "config", "call", "common.tasks.tick")
EVERYBODY = range(1, 31)
STATUSES = "SELECT step, status, ranges_done FROM common_jobrun ORDER BY id"


@pytest.fixture
def hold(stage: Stage) -> Iterator[Path]:
    """While this file is there, the step `hold` waits inside its transaction."""
    file = stage.folder / "hold"
    file.touch()
    yield file
    file.unlink(missing_ok=True)


@pytest.fixture(params=["filesystem", pytest.param("redis", marks=pytest.mark.redis)])
def broker(request: pytest.FixtureRequest, stage: Stage) -> str:
    """Where ticks and ranges are sent: files, or a Redis of its own."""
    stage.environment["REDIS_URL"] = (
        request.getfixturevalue("redis_url") if request.param == "redis" else ""
    )
    return str(request.param)


def test_resumes_after_kill_9_inside_a_range(stage: Stage, hold: Path) -> None:
    stage.use("greet", "hold", "reward")
    killed = stage.start(*NIGHTLY, "2025-03-01")
    stage.wait_for((stage.folder / "inside").exists, "a range is worked on")
    stage.kill(killed)
    hold.unlink()
    assert stage.effects() == [("greet", member) for member in EVERYBODY]
    stage.run(*NIGHTLY, "2025-03-01")
    assert stage.effects() == [
        (step, member) for step in ("greet", "hold", "reward") for member in EVERYBODY
    ]
    attempts = stage.rows("SELECT attempts FROM common_jobrange ORDER BY id")
    assert [row[0] for row in attempts] == [1, 1, 1, 2, 1, 1, 1, 1, 1]


def test_shares_a_catch_up_between_two_commands(stage: Stage) -> None:
    stage.use("greet", "summarise", "reward")
    stage.run(*NIGHTLY, "2025-03-01")
    commands = [stage.start(*NIGHTLY, "2025-03-15") for _ in range(2)]
    assert [command.wait(timeout=60) for command in commands] == [0, 0]
    assert len(stage.effects()) == 15 * 61
    done = stage.rows("SELECT count(*), sum(ranges_done) FROM common_jobrun WHERE status = 'done'")
    assert done == [(45, 15 * 7)]
    assert stage.rows("SELECT max(attempts) FROM common_jobrange") == [(1,)]


def test_is_driven_by_one_tick_to_its_end(stage: Stage, broker: str) -> None:
    stage.use("greet", "summarise", "reward")
    stage.start(*WORKER)
    stage.run(*TICK)
    done = [("greet", "done", 3), ("summarise", "done", 1), ("reward", "done", 3)]
    stage.wait_for(lambda: stage.rows(STATUSES) == done, "the night is done")
    assert len(stage.effects()) == 61


def test_resumes_after_kill_9_of_a_worker(stage: Stage, hold: Path, broker: str) -> None:
    """Messages die with the worker; a tick sends again what it held, later what it never began."""
    stage.use("hold", "reward")
    worker = stage.start(*WORKER)
    stage.run(*TICK)
    stage.wait_for((stage.folder / "inside").exists, "a range is worked on")
    stage.kill(worker)
    assert stage.effects() == []
    hold.unlink()
    stage.execute("UPDATE common_jobrange SET sent_at = '2025-03-01' WHERE sent_at IS NOT NULL")
    stage.start(*WORKER)
    stage.run(*TICK)
    done = [("hold", "done", 3), ("reward", "done", 3)]
    stage.wait_for(lambda: stage.rows(STATUSES) == done, "the night is done")
    assert stage.effects() == [
        (step, member) for step in ("hold", "reward") for member in EVERYBODY
    ]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_goes_on_after_the_connection_was_cut_inside_a_range(nights: Any) -> None:
    use_steps(nights, "cut_off")
    report = run_nights(date(2025, 3, 1))
    assert report.is_complete
    assert len(steps.effects()) == 30
    attempts = JobRange.objects.order_by("number").values_list("attempts", flat=True)
    assert list(attempts) == [2, 1, 1]
    assert connection.is_usable()
