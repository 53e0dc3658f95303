"""Facts as an import leaves them, moving no tier, and the night's review of what they earn."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from common import clock
from loyalty.jobs import review_tiers
from loyalty.models import PointType, Purchase, Refund, Standing, Tier, TierChange
from loyalty.services.adjustments import adjust_points
from members.models import Member

EVERYONE = 10**9


def bought(member: Member, amount: str, at: datetime) -> Purchase:
    return Purchase.objects.create(
        source="file",
        external_id=f"B-{Purchase.objects.count()}",
        at=at,
        business_date=clock.business_date(at),
        amount=Decimal(amount),
        member=member,
    )


def refunded(member: Member, amount: str, at: datetime) -> Refund:
    return Refund.objects.create(
        source="file",
        external_id=f"C-{Refund.objects.count()}",
        at=at,
        business_date=clock.business_date(at),
        amount=Decimal(amount),
        member=member,
    )


def grown(member: Member, points: int, at: datetime) -> None:
    """Growth points, which come from anywhere."""
    key = f"grown:{at.isoformat()}"
    growth = PointType.objects.get(code=PointType.GROWTH)
    adjust_points(member=member, points=points, key=key, reason="-", point_type=growth, now=at)


def review(*day: int) -> Mapping[str, int]:
    """What the night of a date (year, month, day) came to, by cause."""
    return review_tiers(date(*day), 1, EVERYONE)


def place(member: Member, code: str, *, valid_until: datetime | None, since: datetime) -> Standing:
    """Put a member on a tier that was won, and last reviewed, at an instant."""
    return Standing.objects.create(
        member=member,
        tier=Tier.objects.get(code=code),
        since=since,
        valid_until=valid_until,
        reviewed_at=since,
    )


def tier_of(member: Member) -> str:
    return Standing.objects.get(member=member).tier.code


def changes_of(member: Member) -> list[tuple[str, str, str | None]]:
    """Cause, new tier and old tier of every change, in order."""
    changes = TierChange.objects.filter(member=member).order_by("id")
    return list(changes.values_list("cause", "to_tier__code", "from_tier__code"))
