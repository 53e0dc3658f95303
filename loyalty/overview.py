"""What an operator sees of a member at a glance: place, accounts, latest entries and purchases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from common import clock
from loyalty.models import (
    AdjustmentRequest,
    PointsAccount,
    PointsEntry,
    PointsLot,
    Purchase,
    Standing,
    Tier,
    TierOverride,
)
from loyalty.services.overrides import effective
from members.models import Member

LATEST = 10


@dataclass(frozen=True)
class AccountOverview:
    """An account and how much of its balance is still held; none for kinds without lots."""

    account: PointsAccount
    pending: int


@dataclass(frozen=True)
class MemberOverview:
    """Everything of a member that an operator asks for first.

    `tier` is what holds: the better of the earned one and the overrides in force.
    """

    tier: Tier | None
    overrides: Sequence[TierOverride]
    standing: Standing | None
    valid_through: date | None
    accounts: Sequence[AccountOverview]
    waiting: Sequence[AdjustmentRequest]
    entries: Sequence[PointsEntry]
    purchases: Sequence[Purchase]


def member_overview(member: Member, at: datetime) -> MemberOverview:
    """A member's overview at an instant, in seven queries whatever they hold (and one more where
    an override holds)."""
    live = list(TierOverride.objects.filter(member=member).live(at).select_related("tier"))
    standing = Standing.objects.for_member(member)
    valid_until = standing.valid_until if standing else None
    pending = PointsLot.objects.for_member(member).pending(at).points_left_by_account()
    return MemberOverview(
        tier=effective(standing.tier if standing else None, live),
        overrides=live,
        standing=standing,
        valid_through=clock.last_valid_day(valid_until) if valid_until else None,
        accounts=[
            AccountOverview(account=account, pending=pending.get(account.pk, 0))
            for account in PointsAccount.objects.for_member(member)
        ],
        waiting=list(AdjustmentRequest.objects.for_member(member).waiting()[:LATEST]),
        entries=list(PointsEntry.objects.for_member(member)[:LATEST]),
        purchases=list(Purchase.objects.for_member(member).select_related("store")[:LATEST]),
    )
