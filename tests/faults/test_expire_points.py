"""A process killed inside the expiry: each lot expires exactly once all the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from loyalty.services.points import earn_points, redeem_points
from members.models import Member
from tests.factories import MemberFactory
from tests.faults.test_nights import NIGHTLY, TICK, WORKER
from tests.loyalty.programmes import base_points, local
from tests.nights.processes import Stage

EARNED_AT = local(2025, 1, 10, 12)
EXPIRED = """
    SELECT a.member_id, e.points, COUNT(al.id)
    FROM loyalty_pointsentry e
    JOIN loyalty_pointsaccount a ON a.id = e.account_id
    JOIN loyalty_lotallocation al ON al.entry_id = e.id
    WHERE e.kind = 'expire'
    GROUP BY a.member_id, e.id, e.points
    ORDER BY a.member_id, e.id
"""
LEFT = "SELECT COALESCE(SUM(remaining), 0) FROM loyalty_pointslot"
BALANCES = "SELECT COALESCE(SUM(balance), 0) FROM loyalty_pointsaccount"


@pytest.fixture
def members(transactional_db: None) -> list[Member]:
    """Six members with two lots each, 100 and 50 points valid for a month, 30 of them spent."""
    kind = base_points(expiry="1M")
    found = [MemberFactory.create(joined_at=EARNED_AT) for _ in range(6)]
    for member in found:
        for points in (100, 50):
            earn_points(
                member=member, points=points, key=f"e{points}", point_type=kind, now=EARNED_AT
            )
        redeem_points(member=member, points=30, key="r", now=EARNED_AT)
    return found


@pytest.fixture
def stage(members: list[Member], tmp_path: Path) -> Iterator[Stage]:
    """Processes that run the held expiry on the database that holds these members."""
    stage = Stage(tmp_path)
    stage.environment["DJANGO_SETTINGS_MODULE"] = "tests.faults.ledger_settings"
    stage.environment["TEST_STEPS"] = ""
    (tmp_path / "hold").touch()
    yield stage
    stage.stop()


def expired_once(members: list[Member]) -> list[tuple[int, int, int]]:
    return [(member.pk, -120, 2) for member in members]


def test_a_killed_command_loses_its_range_and_the_next_finishes(
    stage: Stage, members: list[Member]
) -> None:
    killed = stage.start(*NIGHTLY, "2025-02-11")
    stage.wait_for((stage.folder / "inside").exists, "the second range is expired, not committed")
    stage.kill(killed)
    assert stage.rows(EXPIRED) == expired_once(members[:2])
    (stage.folder / "hold").unlink()
    stage.run(*NIGHTLY, "2025-02-11")
    assert stage.rows(EXPIRED) == expired_once(members)
    assert (stage.rows(LEFT), stage.rows(BALANCES)) == ([(0,)], [(0,)])
    stage.prove()


def test_a_killed_worker_loses_its_range_and_another_finishes(
    stage: Stage, members: list[Member]
) -> None:
    worker = stage.start(*WORKER)
    stage.run(*TICK)
    stage.wait_for((stage.folder / "inside").exists, "a range is expired, not committed")
    stage.kill(worker)
    (stage.folder / "hold").unlink()
    stage.execute("UPDATE common_jobrange SET sent_at = '2025-02-01' WHERE sent_at IS NOT NULL")
    stage.start(*WORKER)
    stage.run(*TICK)
    stage.wait_for(lambda: stage.rows(LEFT) == [(0,)], "everything due has expired")
    assert stage.rows(EXPIRED) == expired_once(members)
    stage.prove()
