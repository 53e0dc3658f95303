"""Which tier figures earn and keep, and whether a ladder makes sense."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Protocol, TypeVar

from loyalty.errors import (
    BoundsDoNotRise,
    LowestTierAsksForSomething,
    LowestTierMissing,
    TierAsksForNothing,
)


@dataclass(frozen=True)
class TierFigures:
    """A member's figures in the window: net spend, number of purchases, growth points earned."""

    spend: Decimal
    orders: int
    growth: int


class Bounds(Protocol):
    """What a tier must tell to be compared with figures."""

    @property
    def rank(self) -> int: ...
    @property
    def join(self) -> str: ...
    @property
    def entry_spend(self) -> Decimal | None: ...
    @property
    def entry_orders(self) -> int | None: ...
    @property
    def entry_growth(self) -> int | None: ...


TierT = TypeVar("TierT", bound=Bounds)


def satisfies_entry(tier: Bounds, figures: TierFigures) -> bool:
    """Whether the figures reach the tier's entry bounds; bounds are lower bounds, inclusive."""
    pairs = (
        (tier.entry_spend, figures.spend),
        (tier.entry_orders, figures.orders),
        (tier.entry_growth, figures.growth),
    )
    met = [figure >= bound for bound, figure in pairs if bound is not None]
    return any(met) if tier.join == "any" and met else all(met)


def earned_tier(tiers: Sequence[TierT], figures: TierFigures) -> TierT | None:
    """The highest tier whose entry bounds hold, skipping ranks; the lowest is everyone's.

    None only on a ladder that lacks its lowest tier.
    """
    earned = (tier for tier in tiers if satisfies_entry(tier, figures))
    return max(earned, key=lambda tier: tier.rank, default=None)


class Rung(Bounds, Protocol):
    """A tier with all that an operator may ask for on it."""

    @property
    def retention_spend(self) -> Decimal | None: ...
    @property
    def retention_orders(self) -> int | None: ...
    @property
    def retention_growth(self) -> int | None: ...


def check_ladder(tiers: Sequence[Rung]) -> None:
    """Refuse tiers, in order of rank, that do not make a ladder.

    There is a rank 0 and it asks for nothing, every other tier for something to enter, and each
    bound is above the last one of its measure below it, for entering as for staying.
    """
    if not tiers or tiers[0].rank != 0:
        raise LowestTierMissing()
    for tier in tiers:
        entry = (tier.entry_spend, tier.entry_orders, tier.entry_growth)
        staying = (tier.retention_spend, tier.retention_orders, tier.retention_growth)
        asks = [bound is not None for bound in entry]
        if tier.rank == 0 and (any(asks) or any(bound is not None for bound in staying)):
            raise LowestTierAsksForSomething()
        if tier.rank > 0 and not any(asks):
            raise TierAsksForNothing()
    for stage in ("entry", "retention"):
        for measure in ("spend", "orders", "growth"):
            _check_rising(tiers, f"{stage}_{measure}")


def _check_rising(tiers: Sequence[Rung], name: str) -> None:
    bounded = [tier for tier in tiers if getattr(tier, name) is not None]
    for lower, higher in pairwise(bounded):
        if getattr(higher, name) <= getattr(lower, name):
            raise BoundsDoNotRise(lower=str(lower), higher=str(higher))
