"""Members for whom every step of tonight has something to do, and what it must come to."""

from datetime import timedelta
from typing import Any

from common import clock
from loyalty.models import PointType
from loyalty.services.points import earn_points
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.programmes import base_points, spend_tiers
from tests.nights.processes import Stage

COUNT = 6
# Points valid for 30 days, held for 7: by the days since they were earned, what is to happen.
ENDED_YESTERDAY, TOLD_AT_7_DAYS, TOLD_AT_30_DAYS = 31, 25, 8

EXPIRED = """
    SELECT a.member_id, e.points FROM loyalty_pointsentry e
    JOIN loyalty_pointsaccount a ON a.id = e.account_id WHERE e.kind = 'expire' ORDER BY 1, 2
"""
ACTIVATED = """
    SELECT a.member_id, COUNT(*) FROM loyalty_pointslot l
    JOIN loyalty_pointsaccount a ON a.id = l.account_id
    WHERE l.activated_on IS NOT NULL GROUP BY 1 ORDER BY 1
"""
REVIEWED = "SELECT member_id, cause FROM loyalty_tierchange ORDER BY 1, 2"
TOLD = """
    SELECT member_id, COUNT(*) FROM members_notice
    WHERE kind = 'points_expiring' GROUP BY 1 ORDER BY 1
"""
FORECASTS = "SELECT COUNT(*) FROM loyalty_expiryforecast"
PROOFS = "SELECT violations FROM common_ledgerproof"
UNFINISHED = "SELECT step, status FROM common_jobrun WHERE status <> 'done' ORDER BY id"


def members_with_everything() -> list[Member]:
    """Six members with points that ended, that end soon and that became spendable; no standing."""
    kind: PointType = base_points(expiry="30D", holding="7D")
    spend_tiers()
    today = clock.start_of(clock.today())
    members: list[Member] = []
    for _ in range(COUNT):
        member = MemberFactory.create(joined_at=today - timedelta(days=90))
        for days in (ENDED_YESTERDAY, TOLD_AT_7_DAYS, TOLD_AT_30_DAYS):
            at = today - timedelta(days=days) + timedelta(hours=12)
            earn_points(member=member, points=days, key=f"e{days}", point_type=kind, now=at)
        members.append(member)
    return members


def assert_done_once(stage: Stage, members: list[Member]) -> None:
    """Everything that one night owes these members happened, once, and the books are clean."""
    ids = [member.pk for member in members]
    once: dict[str, list[tuple[Any, ...]]] = {
        EXPIRED: [(pk, -ENDED_YESTERDAY) for pk in ids],
        ACTIVATED: [(pk, 3) for pk in ids],
        REVIEWED: [(pk, "entry") for pk in ids],
        TOLD: [(pk, 2) for pk in ids],
        FORECASTS: [(40,)],
        PROOFS: [(0,)],
        UNFINISHED: [],
    }
    for sql, rows in once.items():
        assert stage.rows(sql) == rows, sql
    stage.prove()
