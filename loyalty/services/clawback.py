"""What a refund takes back, from recorded amounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from loyalty import rules
from loyalty.models import (
    PointsAccount,
    PointsEntry,
    PointsLot,
    PointType,
    Purchase,
    Refund,
    UncollectedPoints,
)

from .caps import free_caps
from .giving_back import refunded_of
from .ledger import Kind, Posting, ledger_instant, post
from .programme import Programme


@dataclass(frozen=True)
class Claim:
    """Points to take back for one kind, where from first, and why."""

    points: int
    own_entry: PointsEntry | None
    breakdown: dict[str, Any]
    already: int = 0


def claims_of(refund: Refund, programme: Programme) -> dict[int, Claim]:
    """What the refunded money had earned and was not claimed before, by kind of points.

    From recorded amounts; without a purchase, what the rules give for the amount. Asked before
    any account is locked: the locked purchase is what its refunds wait for.
    """
    if refund.purchase is None:
        return {
            kind.pk: _claim_by_rules(refund, programme.rules[kind.pk])
            for kind in programme.earned_types
        }
    earned = refund.purchase.entries.filter(kind=Kind.EARN).select_related("account")
    paid, refunded = refunded_of(refund.purchase)
    already = _already(refund.purchase)
    return {
        entry.account.point_type_id: _claim_of_entry(
            entry, paid, refunded, already.get(entry.account_id, 0)
        )
        for entry in earned
    }


def claw_back(
    refund: Refund,
    claims: Mapping[int, Claim],
    accounts: Sequence[PointsAccount],
    programme: Programme,
    *,
    beside: Mapping[int, PointsAccount] | None = None,
    now: datetime,
) -> list[PointsEntry]:
    """Take back what is claimed from locked accounts, one entry per kind of points.

    The purchase's own pending lot first, then other pending lots, then live ones, soonest expiry
    first in each. What is missing becomes debt, or by policy is recorded as uncollected. `beside`
    are the accounts of whoever the member was merged into, by kind: what these hold is not
    missing, and the debt for it moves there.
    """
    entries = []
    for account in accounts:
        account.point_type = programme.point_types[account.point_type_id]
        claim = claims.get(account.point_type_id)
        if claim is None or claim.points <= 0:
            continue
        at_hand = _held_beside((beside or {}).get(account.point_type_id), now)
        if entry := _collect(refund, account, claim, now, at_hand=at_hand):
            entries.append(entry)
        _free_caps(refund, claim)
    return entries


def _free_caps(refund: Refund, claim: Claim) -> None:
    """What is taken back no longer counts towards the caps of the day on which it was earned."""
    if claim.own_entry and refund.purchase:
        free_caps(
            claim.own_entry,
            before=claim.already,
            after=claim.already + claim.points,
            day=refund.purchase.business_date,
        )


def _claim_by_rules(refund: Refund, given_by: Sequence[rules.Terms]) -> Claim:
    earning = rules.earning_for(refund.amount, given_by)
    return Claim(points=earning.points, own_entry=None, breakdown=earning.breakdown)


def _claim_of_entry(earned: PointsEntry, paid: Decimal, refunded: Decimal, already: int) -> Claim:
    points = rules.clawback_claim(
        earned=earned.points, paid=paid, refunded=refunded, already=already
    )
    breakdown = {
        "earned": earned.points,
        "paid": str(paid),
        "refunded": str(refunded),
        "already": already,
    }
    return Claim(points=points, own_entry=earned, breakdown=breakdown, already=already)


def _already(purchase: Purchase) -> dict[int, int]:
    """Clawed back of the purchase before, by account: taken, owed and uncollected."""
    of_purchase = Q(refund__purchase=purchase)
    booked = PointsEntry.objects.filter(of_purchase, kind=Kind.CLAWBACK)
    forgiven = UncollectedPoints.objects.filter(of_purchase)
    already: dict[int, int] = {}
    for account_id, points in booked.values_list("account_id").annotate(total=Sum("points")):
        already[account_id] = -int(points)
    for account_id, points in forgiven.values_list("account_id").annotate(total=Sum("points")):
        already[account_id] = already.get(account_id, 0) + int(points)
    return already


def _held_beside(account: PointsAccount | None, now: datetime) -> int:
    if account is None or not account.is_spendable:
        return 0
    return rules.takeable(taking_order(account, None, ledger_instant(account, now)))


def _collect(
    refund: Refund, account: PointsAccount, claim: Claim, now: datetime, *, at_hand: int
) -> PointsEntry | None:
    at = ledger_instant(account, now)
    takes = _takes(account, claim, at) if account.is_spendable else {}
    missing = claim.points - sum(takes.values()) if account.is_spendable else 0
    is_forgiven = account.point_type.clawback == PointType.Clawback.FORGIVE
    forgiven = max(0, missing - at_hand) if is_forgiven else 0
    if forgiven:
        UncollectedPoints.objects.create(refund=refund, account=account, points=forgiven)
    points = claim.points - forgiven
    if not points:
        return None
    posting = Posting(
        kind=Kind.CLAWBACK,
        points=-points,
        key=f"refund:{refund.pk}",
        at=at,
        debt_change=missing - forgiven,
        takes=takes,
        refund=refund,
        breakdown=claim.breakdown,
        operator=refund.operator,
    )
    return post(account, posting)


def _takes(account: PointsAccount, claim: Claim, at: datetime) -> dict[int, int]:
    """As much of the claim as lots hold, by lot."""
    lots = taking_order(account, claim.own_entry, at)
    points = min(claim.points, rules.takeable(lots))
    return {lot.pk: taken for lot, taken in rules.take_in_order(lots, points)}


def taking_order(
    account: PointsAccount, own_entry: PointsEntry | None, at: datetime
) -> list[PointsLot]:
    unexpired = account.lots.pending(at) | account.lots.spendable(at)
    own_id = own_entry.pk if own_entry else None

    def turn(lot: PointsLot) -> tuple[bool, bool]:
        is_live = lot.available_at <= at
        return is_live, not is_live and lot.entry_id != own_id

    # Sorting is stable: within each turn the soonest to expire stays first.
    return sorted(unexpired.soonest_expiring(), key=turn)
