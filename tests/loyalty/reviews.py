"""Facts as an import leaves them, moving no tier, and the night's review of what they earn."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from common import clock
from loyalty.jobs import review_tiers
from loyalty.models import PointType, Purchase, Refund, Standing, Tier, TierChange
from loyalty.services.ledger import Kind, Posting, lock_account, post
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


@transaction.atomic
def grown(member: Member, points: int, at: datetime) -> None:
    """Growth points won or taken back by a purchase or refund of a file."""
    account = lock_account(member, PointType.objects.get(code=PointType.GROWTH))
    kind = Kind.EARN if points > 0 else Kind.CLAWBACK
    key = f"grown:{at.isoformat()}"
    post(account, Posting(kind=kind, points=points, key=key, at=at))


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
