"""What a refund takes back, from recorded amounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, Sum

from loyalty import rules
from loyalty.models import (
    PointsAccount,
    PointsEntry,
    PointsLot,
    PointType,
    Refund,
    UncollectedPoints,
)

from .ledger import Kind, Posting, ledger_instant, post
from .programme import Programme


@dataclass(frozen=True)
class Claim:
    """Points to take back for one kind, where from first, and why."""

    points: int
    own_entry: PointsEntry | None
    breakdown: dict[str, Any]


def claw_back(
    refund: Refund, accounts: Sequence[PointsAccount], programme: Programme, *, now: datetime
) -> list[PointsEntry]:
    """Take back what the refunded money had earned, one entry per kind of points.

    The purchase's own pending lot first, then other pending lots, then live ones, soonest expiry
    first in each. What is missing becomes debt, or by policy is recorded as uncollected.
    """
    entries = []
    for account in accounts:
        account.point_type = programme.point_types[account.point_type_id]
        claim = _claim(refund, account, programme)
        if claim.points > 0 and (entry := _collect(refund, account, claim, now)):
            entries.append(entry)
    return entries


def kinds_to_claw_back(refund: Refund, programme: Programme) -> list[PointType]:
    """Kinds that the purchase earned; without a purchase, those that the rules give."""
    if refund.purchase is None:
        return programme.earned_types
    earned = refund.purchase.entries.filter(kind=Kind.EARN)
    ids = set(earned.values_list("account__point_type_id", flat=True))
    return [kind for pk, kind in programme.point_types.items() if pk in ids]


def _claim(refund: Refund, account: PointsAccount, programme: Programme) -> Claim:
    if refund.purchase is None:
        earning = rules.earning_for(refund.amount, programme.rules.get(account.point_type_id, ()))
        return Claim(points=earning.points, own_entry=None, breakdown=earning.breakdown)
    purchase = refund.purchase
    earned = PointsEntry.objects.filter(account=account, purchase=purchase, kind=Kind.EARN).first()
    if earned is None:
        return Claim(points=0, own_entry=None, breakdown={})
    refunded = purchase.refunds.total_amount()
    already = _already(refund, account)
    points = rules.clawback_claim(
        earned=earned.points, paid=purchase.amount, refunded=refunded, already=already
    )
    breakdown = {
        "earned": earned.points,
        "paid": str(purchase.amount),
        "refunded": str(refunded),
        "already": already,
    }
    return Claim(points=points, own_entry=earned, breakdown=breakdown)


def _already(refund: Refund, account: PointsAccount) -> int:
    """Clawed back of the purchase before: taken, owed and uncollected."""
    others = Q(refund__purchase=refund.purchase, account=account)
    booked = PointsEntry.objects.filter(others, kind=Kind.CLAWBACK).total()
    forgiven = UncollectedPoints.objects.filter(others).aggregate(total=Sum("points"))["total"]
    return int(forgiven or 0) - booked


def _collect(
    refund: Refund, account: PointsAccount, claim: Claim, now: datetime
) -> PointsEntry | None:
    at = ledger_instant(account, now)
    takes = _takes(account, claim, at) if account.is_spendable else {}
    missing = claim.points - sum(takes.values()) if account.is_spendable else 0
    is_forgiven = account.point_type.clawback == PointType.Clawback.FORGIVE
    if missing and is_forgiven:
        UncollectedPoints.objects.create(refund=refund, account=account, points=missing)
    points = claim.points - missing if is_forgiven else claim.points
    if not points:
        return None
    posting = Posting(
        kind=Kind.CLAWBACK,
        points=-points,
        key=f"refund:{refund.pk}",
        at=at,
        debt_change=0 if is_forgiven else missing,
        takes=takes,
        refund=refund,
        breakdown=claim.breakdown,
    )
    return post(account, posting)


def _takes(account: PointsAccount, claim: Claim, at: datetime) -> dict[int, int]:
    """As much of the claim as lots hold, by lot."""
    lots = _in_order(account, claim.own_entry, at)
    points = min(claim.points, rules.takeable(lots))
    return {lot.pk: taken for lot, taken in rules.take_in_order(lots, points)}


def _in_order(
    account: PointsAccount, own_entry: PointsEntry | None, at: datetime
) -> list[PointsLot]:
    pending = list(account.lots.pending(at).soonest_expiring())
    live = list(account.lots.spendable(at).soonest_expiring())
    own_id = own_entry.pk if own_entry else None
    own = [lot for lot in pending if lot.entry_id == own_id]
    return [*own, *(lot for lot in pending if lot.entry_id != own_id), *live]
