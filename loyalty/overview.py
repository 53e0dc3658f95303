"""What an operator sees of a member at a glance: place, accounts, latest entries and purchases."""

from collections.abc import Iterable, Sequence
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
from loyalty.summary import DatedPoints, by_date
from members.models import Member

LATEST = 10


@dataclass(frozen=True)
class AccountOverview:
    """An account and what of its balance is still held, by the day from which it can be spent."""

    account: PointsAccount
    held: Sequence[DatedPoints]

    @property
    def pending(self) -> int:
        return sum(dated.points for dated in self.held)


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
    pending = PointsLot.objects.for_member(member).pending(at)
    held = pending_by_account(pending)
    return MemberOverview(
        tier=effective(standing.tier if standing else None, live),
        overrides=live,
        standing=standing,
        valid_through=clock.last_valid_day(valid_until) if valid_until else None,
        accounts=[
            AccountOverview(account=account, held=held.get(account.pk, []))
            for account in PointsAccount.objects.for_member(member)
        ],
        waiting=list(AdjustmentRequest.objects.for_member(member).waiting()[:LATEST]),
        entries=list(PointsEntry.objects.for_member(member)[:LATEST]),
        purchases=list(Purchase.objects.for_member(member).select_related("store")[:LATEST]),
    )


def pending_by_account(lots: Iterable[PointsLot]) -> dict[int, list[DatedPoints]]:
    """Pending points by account id and the day from which they can be spent."""
    found: dict[int, list[PointsLot]] = {}
    for lot in lots:
        found.setdefault(lot.account_id, []).append(lot)
    return {
        account: by_date((clock.business_date(lot.available_at), lot) for lot in held)
        for account, held in found.items()
    }
