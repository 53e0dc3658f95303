"""What a purchase would earn, or would have earned, without writing anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from common import clock
from loyalty import rules
from loyalty.models import Activity, Channel, Partner, PointType, Purchase, Trigger
from members.models import Member, Store

from .activities import occasion_of_activity, streak_on
from .caps import caps_left
from .earning import evaluate_kind, occasion_of
from .lines import amounts_by_category
from .programme import Programme


@dataclass(frozen=True)
class DryRun:
    """What one kind of points would come to, and why; which rules gave nothing, and why not."""

    kind: PointType
    earning: rules.Earning
    occasion: rules.Occasion
    unmet: Sequence[rules.Unmet] = ()


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


def dry_run_check_in(*, member: Member, at: datetime) -> list[DryRun]:
    """What a check-in at an instant would earn, by the rules in force now; writes nothing."""
    programme = Programme.current()
    day = clock.business_date(at)
    imagined = Activity(
        member=member,
        kind=Trigger.CHECK_IN,
        at=at,
        business_date=day,
        streak=streak_on(member, day),
    )
    occasion = occasion_of_activity(imagined, programme)
    kinds = programme.types_earned_by(Trigger.CHECK_IN)
    return [_run(kind, member, day, occasion, programme) for kind in kinds]


def _evaluate(purchase: Purchase, parts: Mapping[int, Decimal]) -> list[DryRun]:
    programme = Programme.current()
    occasion = occasion_of(purchase, programme, parts)
    return [
        _run(kind, purchase.member, purchase.business_date, occasion, programme)
        for kind in programme.earned_types
    ]


def _run(
    kind: PointType,
    member: Member | None,
    day: date,
    occasion: rules.Occasion,
    programme: Programme,
) -> DryRun:
    """One kind of points; rules for other occasions are not worth a word."""
    known = [
        terms for terms in programme.rules.get(kind.pk, ()) if terms.trigger == occasion.trigger
    ]
    left = caps_left(known, member, day, is_locked=False) if member else {}
    return DryRun(
        kind=kind,
        earning=evaluate_kind(kind, occasion, programme, left),
        occasion=occasion,
        unmet=rules.unmet(occasion, known),
    )
