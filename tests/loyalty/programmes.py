"""Programmes for tests, made of rows that an operator could have made."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from common import clock
from loyalty.models import EarningRule, Ladder, PointType, Tier


def local(*parts: int) -> datetime:
    """An instant by the wall clock of the programme's zone: year, month, day, hour, minute…"""
    return datetime(*parts, tzinfo=clock.zone())  # type: ignore[arg-type, misc]


def base_points(**policy: Any) -> PointType:
    """Spendable points; spendable at once and for ever unless told otherwise."""
    details = {"name_en": "Points", "name_zh": "积分", "is_spendable": True, **policy}
    return PointType.objects.create(code=PointType.BASE, **details)


def growth_points(**policy: Any) -> PointType:
    """Points that move tiers and are never spent."""
    return PointType.objects.create(code=PointType.GROWTH, name_en="Growth", **policy)


def earning_rule(
    kind: PointType, *, points: int = 1, per_amount: str | None = "1.00", **details: Any
) -> EarningRule:
    """So many points of a kind for every so much paid."""
    return EarningRule.objects.create(
        code=details.pop("code", f"{kind.code}-purchase"),
        name_en="Purchases",
        point_type=kind,
        points=points,
        per_amount=Decimal(per_amount) if per_amount else None,
        **details,
    )


def spend_tiers(**ladder: Any) -> list[Tier]:
    """Everyone's tier, then three by net spend of 500, 2,000 and 10,000; no days of grace."""
    Ladder.objects.create(**{"grace_days": 0, **ladder})
    bounds = {"member": None, "silver": "500", "gold": "2000", "black": "10000"}
    return [
        Tier.objects.create(
            code=code,
            name_en=code.title(),
            rank=rank,
            entry_spend=Decimal(spend) if spend else None,
        )
        for rank, (code, spend) in enumerate(bounds.items())
    ]


def plain_programme(*, points: int = 1, per_amount: str = "1.00", **policy: Any) -> PointType:
    """One base point per 1.00 paid, no holding, no expiry; tiers by spend. Gives the kind."""
    kind = base_points(**policy)
    earning_rule(kind, points=points, per_amount=per_amount)
    spend_tiers()
    return kind


def full_programme(**policy: Any) -> tuple[PointType, PointType]:
    """Base points held for 7 days and valid for 12 months, growth points, tiers by spend."""
    base = plain_programme(**{"expiry": "12M", "holding": "7D", **policy})
    growth = growth_points()
    earning_rule(growth)
    return base, growth
