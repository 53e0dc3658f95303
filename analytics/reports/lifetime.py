"""What the lifetime models say of all members together."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from analytics.models import LifetimeFit, MemberMetrics
from common.money import quantize


@dataclass(frozen=True)
class LifetimeTotals:
    """Sums over the members whose latest predictions are by one fit."""

    members: int
    alive: int
    purchases: int
    value: Decimal


def mean_spend(fit: LifetimeFit) -> Decimal:
    """What a purchase day of anybody is expected to come to."""
    return quantize(Decimal(fit.p * fit.gamma / (fit.q - 1)))


def lifetime_totals(fit: LifetimeFit) -> LifetimeTotals:
    """How many members are expected to come again, how often, and for how much; rounded."""
    sums = MemberMetrics.objects.filter(fit=fit).aggregate(
        members=Count("pk"),
        alive=Sum("alive"),
        purchases=Sum("expected_purchases"),
        value=Sum("predicted_value"),
    )
    return LifetimeTotals(
        members=sums["members"],
        alive=round(sums["alive"] or 0),
        purchases=round(sums["purchases"] or 0),
        value=sums["value"] or Decimal(0),
    )
