"""Which tier figures earn and keep, and whether a ladder makes sense."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Protocol, TypeVar

from loyalty.errors import (
    BoundsDoNotRise,
    ColourNotValid,
    LowestTierAsksForSomething,
    LowestTierMissing,
    RanksHaveGap,
    StayingAsksForMore,
    TierAsksForNothing,
)

MEASURES = ("spend", "orders", "growth", "active_days")
STAGES = ("entry", "retention")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class TierFigures:
    """A member's figures in the window: net spend, purchases, growth points, active days."""

    spend: Decimal
    orders: int
    growth: int
    active_days: int = 0


class Rung(Protocol):
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
    @property
    def entry_active_days(self) -> int | None: ...
    @property
    def retention_spend(self) -> Decimal | None: ...
    @property
    def retention_orders(self) -> int | None: ...
    @property
    def retention_growth(self) -> int | None: ...
    @property
    def retention_active_days(self) -> int | None: ...


class Described(Rung, Protocol):
    """A tier as an operator describes it."""

    @property
    def colour(self) -> str: ...


TierT = TypeVar("TierT", bound=Rung)
BoundOf = Callable[[Rung, str], Decimal | int | None]


@dataclass(frozen=True)
class Missing:
    """One bound and how far the figures are from it; money for spend, else a whole number."""

    measure: str
    have: Decimal | int
    need: Decimal | int

    @property
    def missing(self) -> Decimal | int:
        return max(type(self.need)(0), self.need - self.have)

    @property
    def is_met(self) -> bool:
        return self.have >= self.need

    @property
    def percent(self) -> int:
        """0 to 100, rounded down: 100 only when the bound is met."""
        if self.is_met:
            return 100
        return max(0, int(self.have * 100 / self.need))


def entry_bound(tier: Rung, measure: str) -> Decimal | int | None:
    """What a tier asks of a measure to enter; None for nothing."""
    bound: Decimal | int | None = getattr(tier, f"entry_{measure}")
    return bound


def staying_bound(tier: Rung, measure: str) -> Decimal | int | None:
    """What a tier asks of a measure to stay: an empty bound is the one to enter."""
    bound: Decimal | int | None = getattr(tier, f"retention_{measure}")
    return entry_bound(tier, measure) if bound is None else bound


def to_enter(tier: Rung, figures: TierFigures) -> list[Missing]:
    """Each bound to enter, beside the figures."""
    bounds = ((measure, entry_bound(tier, measure)) for measure in MEASURES)
    return _beside(bounds, figures)


def to_stay(tier: Rung, figures: TierFigures) -> list[Missing]:
    """Each bound to stay, beside the figures."""
    bounds = ((measure, staying_bound(tier, measure)) for measure in MEASURES)
    return _beside(bounds, figures)


def _beside(
    bounds: Iterable[tuple[str, Decimal | int | None]], figures: TierFigures
) -> list[Missing]:
    return [
        Missing(measure=measure, have=getattr(figures, measure), need=bound)
        for measure, bound in bounds
        if bound is not None
    ]


def satisfies_entry(tier: Rung, figures: TierFigures) -> bool:
    """Whether the figures reach the tier's entry bounds; bounds are lower bounds, inclusive."""
    return _holds(tier, to_enter(tier, figures))


def satisfies_retention(tier: Rung, figures: TierFigures) -> bool:
    """Whether the figures reach what the tier asks to stay; the lowest asks for nothing."""
    return tier.rank == 0 or _holds(tier, to_stay(tier, figures))


def _holds(tier: Rung, found: Sequence[Missing]) -> bool:
    met = [bound.is_met for bound in found]
    return any(met) if tier.join == "any" and met else all(met)


def earned_tier(tiers: Sequence[TierT], figures: TierFigures) -> TierT | None:
    """The highest tier whose entry bounds hold, skipping ranks; the lowest is everyone's.

    None only on a ladder that lacks its lowest tier.
    """
    earned = (tier for tier in tiers if satisfies_entry(tier, figures))
    return max(earned, key=lambda tier: tier.rank, default=None)


def tier_after_term(
    tiers: Sequence[TierT], held: TierT, figures: TierFigures, *, downgrade: str
) -> TierT:
    """Where a term that ends with these figures leads: up, kept, or down by the policy."""
    earned = earned_tier(tiers, figures)
    if earned and earned.rank > held.rank:
        return earned
    if downgrade == "none" or satisfies_retention(held, figures):
        return held
    below = [tier for tier in tiers if tier.rank < held.rank]
    if downgrade == "matching":
        below = [tier for tier in below if satisfies_retention(tier, figures)]
    return max(below, key=lambda tier: tier.rank, default=held)


@dataclass(frozen=True)
class Lift:
    """What an override does: a tier by its rank, or so many steps above the earned one."""

    rank: int | None = None
    steps: int | None = None


def effective_tier(
    tiers: Sequence[TierT], earned: TierT | None, lifts: Iterable[Lift]
) -> TierT | None:
    """The best of the earned tier and its lifts: never lower than earned, never off the ladder.

    Without an earned tier steps count from the lowest.
    """
    in_order = sorted(tiers, key=lambda tier: tier.rank)
    base = earned or next(iter(in_order), None)
    if base is None:
        return None
    best = base
    for lift in lifts:
        if lift.rank is not None:
            reached = [tier for tier in in_order if tier.rank <= lift.rank]
        else:
            reached = [tier for tier in in_order if tier.rank <= base.rank]
            reached += [tier for tier in in_order if tier.rank > base.rank][: lift.steps]
        best = max([best, *reached], key=lambda tier: tier.rank)
    return best


def check_ladder(tiers: Sequence[Described]) -> None:
    """Refuse tiers, in order of rank, that do not make a ladder.

    There is a rank 0 and it asks for nothing; ranks follow one another without a gap; every other
    tier asks for something to enter and for no more to stay; each bound is above the last one of
    its measure below it, for entering as for staying (where an empty bound is the one to enter);
    colours are written like #c0a062.
    """
    if not tiers or tiers[0].rank != 0:
        raise LowestTierMissing()
    for tier in tiers:
        _check_rung(tier)
    for measure in MEASURES:
        _check_rising(tiers, entry_bound, measure)
        _check_rising(tiers, staying_bound, measure)
    for lower, higher in pairwise(tiers):
        if higher.rank > lower.rank + 1:
            raise RanksHaveGap(tier=str(higher), rank=higher.rank, next=lower.rank + 1)


def _check_rung(tier: Described) -> None:
    if not _COLOUR.fullmatch(tier.colour):
        raise ColourNotValid(tier=str(tier), colour=tier.colour)
    asks = [entry_bound(tier, measure) is not None for measure in MEASURES]
    stays = [getattr(tier, f"retention_{measure}") is not None for measure in MEASURES]
    if tier.rank == 0 and (any(asks) or any(stays)):
        raise LowestTierAsksForSomething()
    if tier.rank > 0 and not any(asks):
        raise TierAsksForNothing()
    for measure in MEASURES:
        enters, stay = entry_bound(tier, measure), getattr(tier, f"retention_{measure}")
        if stay is None:
            continue
        # One more condition is more to ask where all must hold, and less where any will do.
        is_extra = enters is None and tier.join == "all"
        if is_extra or (enters is not None and stay > enters):
            raise StayingAsksForMore(tier=str(tier), stay=stay)


def _check_rising(tiers: Sequence[Described], bound_of: BoundOf, measure: str) -> None:
    bounds = [(tier, bound_of(tier, measure)) for tier in tiers]
    asked = [(tier, bound) for tier, bound in bounds if bound is not None]
    for (lower, less), (higher, more) in pairwise(asked):
        if more <= less:
            raise BoundsDoNotRise(lower=str(lower), higher=str(higher))
