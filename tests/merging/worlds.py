"""Two memberships of one person, and what is asked of them in tests of merging."""

from datetime import datetime

from loyalty.models import PointType
from members.models import Member, MemberMerge, User
from members.services.merging import merge_members, undo_merge
from tests.factories import OperatorFactory
from tests.loyalty.ledgers import account_of, lots_of
from tests.loyalty.programmes import local

NOW = local(2024, 6, 1, 10)


def merge(
    kept: Member, merged: Member, *, now: datetime = NOW, operator: User | None = None
) -> MemberMerge:
    done = merge_members(
        kept=kept,
        merged=merged,
        operator=operator or OperatorFactory(),
        reason="One person with two cards",
        key=f"form-{kept.pk}-{merged.pk}-{now.isoformat()}",
        now=now,
    )
    done.kept, done.merged = kept, merged
    _refresh(kept, merged)
    return done


def undo(done: MemberMerge, *, now: datetime) -> MemberMerge:
    undone = undo_merge(
        merge=done, operator=OperatorFactory(), reason="Two people after all", now=now
    )
    _refresh(done.kept, done.merged)
    return undone


def held(member: Member, code: str = PointType.BASE) -> tuple[int, int]:
    """Balance and debt of a member, by the account."""
    account = account_of(member, code)
    return account.balance, account.debt


def open_lots(member: Member) -> list[tuple[int, datetime | None]]:
    """What is left in a member's lots and when they end, in the order of their making."""
    return [(lot.remaining, lot.expires_at) for lot in lots_of(member) if lot.remaining]


def _refresh(*members: Member) -> None:
    for member in members:
        member.refresh_from_db()
