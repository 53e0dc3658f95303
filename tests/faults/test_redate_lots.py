"""A process killed inside a re-date run: each lot is re-dated exactly once all the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common import clock
from loyalty.models import RedateRun
from loyalty.services.points import earn_points
from loyalty.services.redating.runs import confirm_redating
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.programmes import base_points
from tests.loyalty.redatings import preview
from tests.nights.processes import Stage

CHANGED = """
    SELECT a.member_id, COUNT(c.id), COUNT(DISTINCT c.lot_id)
    FROM loyalty_lotchange c
    JOIN loyalty_pointslot l ON l.id = c.lot_id
    JOIN loyalty_pointsaccount a ON a.id = l.account_id
    GROUP BY a.member_id
    ORDER BY a.member_id
"""
RUN = "SELECT status, ranges_done FROM loyalty_redaterun"


@pytest.fixture
def members(transactional_db: None) -> list[Member]:
    """Six members with two lots each."""
    base_points(expiry="12M")
    found = [MemberFactory.create() for _ in range(6)]
    for member in found:
        for points in (100, 50):
            earn_points(member=member, points=points, key=f"e{points}", now=clock.now())
    return found


@pytest.fixture
def run(members: list[Member], settings: object) -> RedateRun:
    """Confirmed, in three ranges of two members."""
    settings.NIGHTLY_RANGE_SIZE = 2  # type: ignore[attr-defined]
    return confirm_redating(run=preview("24M"))


@pytest.fixture
def stage(run: RedateRun, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    stage.environment["TEST_STEPS"] = ""
    yield stage
    stage.stop()


def test_a_killed_worker_loses_its_range_and_another_finishes(
    stage: Stage, members: list[Member], run: RedateRun
) -> None:
    killed = stage.start("-m", "tests.faults.held_redating", str(run.pk))
    stage.wait_for((stage.folder / "inside").exists, "the second range is re-dated, not committed")
    stage.kill(killed)
    assert stage.rows(CHANGED) == [(member.pk, 2, 2) for member in members[:2]]
    assert stage.rows(RUN) == [("applying", 1)]
    assert "12 lots of 6 members with 900 points" in stage.run("manage.py", "redate_lots")
    assert stage.rows(CHANGED) == [(member.pk, 2, 2) for member in members]
    assert stage.rows(RUN) == [("done", 3)]
    attempts = stage.rows("SELECT attempts FROM loyalty_redaterange ORDER BY number")
    assert attempts == [(1,), (2,), (1,)]
    stage.prove()
