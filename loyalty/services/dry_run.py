"""What a purchase would earn, or would have earned, without writing anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from common import clock
from loyalty import rules
from loyalty.models import Channel, Partner, PointType, Purchase
from members.models import Member, Store

from .caps import caps_left
from .earning import evaluate_kind, occasion_of
from .lines import amounts_by_category
from .programme import Programme


@dataclass(frozen=True)
class DryRun:
    """What one kind of points would come to, and why."""

    kind: PointType
    earning: rules.Earning


def dry_run(
    *,
    amount: Decimal,
    at: datetime,
    member: Member | None = None,
    parts: Mapping[int, Decimal] | None = None,
    store: Store | None = None,
    channel: Channel | None = None,
    partner: Partner | None = None,
) -> list[DryRun]:
    """Evaluate an imagined purchase at an instant by the rules in force now; writes nothing.

    The member's tier is the one held at that instant, caps count what their windows hold. Without
    a member, conditions on members do not hold and caps are untouched.
    """
    imagined = Purchase(
        member=member,
        amount=amount,
        at=at,
        business_date=clock.business_date(at),
        store=store,
        channel=channel,
        partner=partner,
    )
    return _evaluate(imagined, parts or {})


def dry_run_of(purchase: Purchase) -> list[DryRun]:
    """Evaluate a recorded purchase again, by the rules in force now; writes nothing."""
    lines = purchase.lines.select_related("category").order_by("number")
    return _evaluate(purchase, amounts_by_category(purchase, lines))


def _evaluate(purchase: Purchase, parts: Mapping[int, Decimal]) -> list[DryRun]:
    programme = Programme.current()
    occasion = occasion_of(purchase, programme, parts)
    return [
        DryRun(kind, _earning(kind, purchase, occasion, programme))
        for kind in programme.earned_types
    ]


def _earning(
    kind: PointType, purchase: Purchase, occasion: rules.Occasion, programme: Programme
) -> rules.Earning:
    left = (
        caps_left(
            programme.rules.get(kind.pk, ()),
            purchase.member,
            purchase.business_date,
            is_locked=False,
        )
        if purchase.member
        else {}
    )
    return evaluate_kind(kind, occasion, programme, left)
