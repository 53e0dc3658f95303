"""A range belongs to whoever claimed it last, and to nobody else."""

import os
import socket
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psutil
import pytest
import time_machine

from common import clock
from common.jobs.claims import ClaimLost, claim, finish
from common.jobs.owners import dead_among, this_owner
from common.jobs.ranges import Outcome, run_range
from common.jobs.runs import next_run
from common.models import JobRange, JobRun, JobStatus
from tests.nights import steps
from tests.nights.fixtures import nights_fixture  # noqa: F401

NIGHT = date(2025, 3, 1)
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


def first_range() -> JobRange:
    run = next_run(NIGHT)
    assert run is not None
    return run.ranges.get(number=1)


def take_away(row: JobRange, **changes: Any) -> None:
    """Let the range look as its owner would have left it."""
    JobRange.objects.filter(pk=row.pk).update(**changes)


def owner_that_died() -> str:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        start = psutil.Process(child.pid).create_time()
        child.kill()
    return f"{socket.gethostname()}:{child.pid}:{start:.2f}"


def test_is_given_once(nights: Any) -> None:
    row = first_range()
    first = claim(row.pk)
    assert first is not None
    assert claim(row.pk) is None
    assert claim(row.pk, is_asked=True) is None
    row.refresh_from_db()
    assert (row.status, row.attempts, row.token) == ("running", 1, first.token)
    assert row.claimed_by == this_owner()
    assert JobRun.objects.get(pk=row.run_id).status == "running"


def test_is_not_given_for_a_finished_range(nights: Any) -> None:
    row = first_range()
    assert run_range(row.pk) is Outcome.DONE
    assert run_range(row.pk, is_asked=True) is Outcome.NOT_OURS
    assert len(steps.effects()) == 10


@pytest.mark.parametrize(("seconds", "is_stale"), [(899, False), (900, True), (901, True)])
def test_is_given_again_when_it_is_stale(nights: Any, seconds: int, is_stale: bool) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        row = first_range()
        claim(row.pk)
        traveller.shift(seconds)
        assert (claim(row.pk) is not None) is is_stale


def test_is_given_at_once_when_its_local_owner_died(nights: Any) -> None:
    row = first_range()
    claim(row.pk)
    take_away(row, claimed_by=owner_that_died())
    assert claim(row.pk) is not None
    row.refresh_from_db()
    assert (row.attempts, row.claimed_by) == (2, this_owner())


def test_is_kept_by_an_owner_on_another_host(nights: Any) -> None:
    row = first_range()
    claim(row.pk)
    take_away(row, claimed_by=f"elsewhere:{2**22}:1.00")
    assert claim(row.pk) is None


def test_knows_a_process_that_took_over_the_number_of_a_dead_one() -> None:
    host, pid, start = this_owner().rsplit(":", 2)
    earlier = f"{host}:{pid}:{float(start) - 60:.2f}"
    assert dead_among([this_owner(), earlier]) == [earlier]


def test_takes_a_zombie_for_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        owner = f"{socket.gethostname()}:{child.pid}:{psutil.Process(child.pid).create_time():.2f}"
        assert dead_among([owner]) == []
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert dead_among([owner]) == [owner]
    finally:
        child.communicate()


def test_fences_the_late_mark_of_a_stale_owner(nights: Any) -> None:
    row = first_range()
    stale = claim(row.pk)
    take_away(row, claimed_at=clock.now() - timedelta(hours=1))
    fresh = claim(row.pk)
    assert stale is not None
    assert fresh is not None
    with pytest.raises(ClaimLost):
        finish(stale, {"members": 10})
    finish(fresh, {"members": 10})
    with pytest.raises(ClaimLost):
        finish(fresh, {"members": 10})
    assert JobRun.objects.get(pk=row.run_id).ranges_done == 1


def test_counts_only_failures_against_the_attempts(nights: Any) -> None:
    row = first_range()
    take_away(row, status=JobStatus.FAILED, finished_at=clock.now(), attempts=3)
    assert claim(row.pk) is None
    assert claim(row.pk, is_asked=True) is not None
    take_away(row, claimed_by=owner_that_died())
    assert claim(row.pk) is not None
