"""Who stands on which tier, and who moved between them."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count

from analytics.rules.periods import Period
from loyalty.models import Standing, Tier, TierChange


@dataclass(frozen=True)
class Rung:
    """Members whose earned tier it is now; overrides lift nobody here."""

    tier: Tier
    members: int
    share: Decimal | None


@dataclass(frozen=True)
class TierMove:
    """Members' moves from one tier to another in a period; from none is the first review."""

    from_tier: Tier | None
    to_tier: Tier
    moves: int

    @property
    def is_up(self) -> bool:
        return self.from_tier is not None and self.to_tier.rank > self.from_tier.rank

    @property
    def is_kept(self) -> bool:
        return self.from_tier == self.to_tier


def tier_pyramid() -> list[Rung]:
    """All tiers, the highest first; one count by tier."""
    counts = dict(Standing.objects.order_by().values_list("tier").annotate(members=Count("pk")))
    whole = sum(counts.values())
    tiers = list(Tier.objects.by_rank())
    return [
        Rung(
            tier=tier,
            members=counts.get(tier.pk, 0),
            share=Decimal(counts.get(tier.pk, 0)) / whole if whole else None,
        )
        for tier in reversed(tiers)
    ]


def tier_moves(period: Period) -> list[TierMove]:
    """How often members moved or kept their tier, the lowest first; one count of changes."""
    changes = TierChange.objects.filter(business_date__range=(period.first, period.last))
    counts = changes.order_by().values_list("from_tier", "to_tier").annotate(moves=Count("pk"))
    tiers = {tier.pk: tier for tier in Tier.objects.all()}
    moves = [
        TierMove(from_tier=tiers.get(begun), to_tier=tiers[ended], moves=moves)
        for begun, ended, moves in counts
    ]
    return sorted(
        moves,
        key=lambda move: (move.from_tier.rank if move.from_tier else -1, move.to_tier.rank),
    )
