"""A process killed inside a change of the ladder: everyone is counted and moved exactly once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from common import clock
from loyalty.models import LadderDraft
from loyalty.services.ladder_changes.drafts import apply_draft, preview_draft
from members.models import Member
from tests.loyalty.ladder_changes import drafted, previewed
from tests.loyalty.ledgers import buy, new_member
from tests.loyalty.programmes import plain_programme
from tests.nights.processes import Stage

LOWER = {"silver": {"entry_spend": "300.00"}}
DRAFT = "SELECT status, ranges_done FROM loyalty_ladderdraft"
NOTED = "SELECT member_id FROM loyalty_laddermove ORDER BY member_id"
MOVED = """
    SELECT s.member_id, COUNT(c.id)
    FROM loyalty_standing s
    JOIN loyalty_tier t ON t.id = s.tier_id AND t.code = 'silver'
    JOIN loyalty_tierchange c ON c.member_id = s.member_id AND c.cause = 'programme_changed'
    GROUP BY s.member_id
    ORDER BY s.member_id
"""
ATTEMPTS = "SELECT attempts FROM loyalty_ladderdraftrange WHERE phase = '{}' ORDER BY number"


@pytest.fixture
def members(transactional_db: None, settings: Any) -> list[Member]:
    """Six members who spent 300.00, two to a range."""
    settings.NIGHTLY_RANGE_SIZE = 2
    plain_programme()
    found = [new_member() for _ in range(6)]
    for member in found:
        buy(member, "300.00", clock.now() - timedelta(days=1))
    return found


def begin(phase: str) -> LadderDraft:
    """A draft that waits for workers in that phase."""
    if phase == "previewing":
        return preview_draft(draft=drafted(LOWER))
    return apply_draft(draft=previewed(LOWER))


@pytest.fixture
def stage(members: list[Member], tmp_path: Path, request: Any) -> Iterator[Stage]:
    request.node.draft = begin(request.node.callspec.params["phase"])
    stage = Stage(tmp_path)
    stage.environment["TEST_STEPS"] = ""
    yield stage
    stage.stop()


@pytest.mark.parametrize(
    ("phase", "effects", "once", "ended"),
    [
        ("previewing", NOTED, lambda member: (member.pk,), "previewed"),
        ("applying", MOVED, lambda member: (member.pk, 1), "done"),
    ],
)
def test_a_killed_worker_loses_its_range_and_another_finishes(
    phase: str,
    effects: str,
    once: Any,
    ended: str,
    stage: Stage,
    members: list[Member],
    request: pytest.FixtureRequest,
) -> None:
    killed = stage.start("-m", "tests.faults.held_ladder", str(request.node.draft.pk))
    stage.wait_for((stage.folder / "inside").exists, "the second range is done, not committed")
    stage.kill(killed)
    assert stage.rows(effects) == [once(member) for member in members[:2]]
    assert stage.rows(DRAFT) == [(phase, 1)]
    told = stage.run("manage.py", "change_ladder")
    assert "6 members looked at: 6 go up, 0 go down" in told
    assert stage.rows(effects) == [once(member) for member in members]
    assert stage.rows(DRAFT) == [(ended, 3)]
    assert stage.rows(ATTEMPTS.format(phase)) == [(1,), (2,), (1,)]
    stage.prove()
