"""What a refund gives back of the points that paid for part of its purchase."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from loyalty import rules
from loyalty.models import LotAllocation, PointsAccount, PointsEntry, Purchase, Refund

from .ledger import ledger_instant, post
from .points import latest_expiring_first, restoring


@dataclass(frozen=True)
class Due:
    """Points to give back of a redemption, from which of its allocations, and why."""

    redemption: PointsEntry
    gives: list[tuple[LotAllocation, int]]
    breakdown: dict[str, Any]


def refunded_of(purchase: Purchase) -> tuple[Decimal, Decimal]:
    """What was paid, and how much of it is refunded so far: money, or the points' part where no
    money was paid. One measure for what is clawed back and what is given back."""
    if purchase.is_paid_by_points_alone:
        return purchase.paid_by_points, purchase.refunds.all().total_paid_by_points()
    return purchase.amount, purchase.refunds.all().total_amount()


def part_of_refund(purchase: Purchase, amount: Decimal) -> Decimal:
    """The part paid by points that comes back with this much money, rounded down, in full at last.

    Asked before the refund is recorded, under the purchase's lock.
    """
    before = purchase.refunds.all()
    reached = rules.points_part(
        paid_by_points=purchase.paid_by_points,
        paid=purchase.amount,
        refunded=before.total_amount() + amount,
    )
    return reached - before.total_paid_by_points()


def points_due(refund: Refund) -> Due | None:
    """The points that a recorded refund gives back by the cumulative floor; None for none.

    Asked before any account is locked: the points of a purchase are given back by its refunds
    only, and the locked purchase is what they wait for.
    """
    purchase = refund.purchase
    if purchase is None or purchase.payment is None:
        return None
    redemption = purchase.payment.entry
    paid, refunded = refunded_of(purchase)
    already = redemption.restores.all().total()
    points = rules.restore_claim(
        used=purchase.points_used, paid=paid, refunded=refunded, already=already
    )
    if not points:
        return None
    breakdown = {
        "used": purchase.points_used,
        "paid": str(paid),
        "refunded": str(refunded),
        "already": already,
    }
    still_open = LotAllocation.objects.still_open(redemption)
    return Due(redemption, latest_expiring_first(still_open, points), breakdown)


def give_points_back(
    refund: Refund, due: Due, account: PointsAccount, *, now: datetime
) -> PointsEntry:
    """Post what is due to the member's locked account: debt first, then the lots it came from."""
    posting = restoring(
        account,
        due.redemption,
        gives=due.gives,
        key=f"refund:{refund.pk}:restore",
        at=ledger_instant(account, now),
        refund=refund,
        breakdown=due.breakdown,
        operator=refund.operator,
    )
    return post(account, posting)
