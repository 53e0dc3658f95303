"""What a purchase earns, by the rules in force."""

from collections.abc import Sequence
from datetime import datetime

from loyalty import rules
from loyalty.models import PointsAccount, PointsEntry, Purchase

from .ledger import Kind, Posting, debt_paid, ledger_instant, lot_terms, post
from .programme import Programme


def earn_for_purchase(
    purchase: Purchase,
    accounts: Sequence[PointsAccount],
    programme: Programme,
    *,
    now: datetime,
) -> list[PointsEntry]:
    """Post what a recorded purchase earns to its member's locked accounts, one entry per kind.

    Validity and holding count from the purchase's own business date; the ledger's instant is
    now. A purchase too small for a point posts nothing.
    """
    entries = []
    for account in accounts:
        kind = programme.point_types[account.point_type_id]
        earning = rules.earning_for(purchase.amount, programme.rules.get(kind.pk, ()))
        if not earning.points or purchase.member is None:
            continue
        at = ledger_instant(account, now)
        posting = Posting(
            kind=Kind.EARN,
            points=earning.points,
            key=f"purchase:{purchase.pk}",
            at=at,
            debt_change=-debt_paid(account, earning.points),
            opens=lot_terms(kind, purchase.member, earned_on=purchase.business_date, at=at),
            purchase=purchase,
            breakdown=earning.breakdown,
        )
        entries.append(post(account, posting))
    return entries
