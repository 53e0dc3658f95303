"""Arithmetic of points and tiers: pure functions of what they are given.

Points are whole numbers, amounts are money (`Decimal`), and every sum is exact.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from common.money import quantize

from .errors import (
    BoundsDoNotRise,
    InsufficientPoints,
    LowestTierAsksForSomething,
    LowestTierMissing,
    TierAsksForNothing,
)


class Rule(Protocol):
    """What a rule must tell to be evaluated."""

    @property
    def code(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def points(self) -> int: ...
    @property
    def per_amount(self) -> Decimal: ...


class Lot(Protocol):
    """What a lot must tell to be taken from."""

    @property
    def remaining(self) -> int: ...


LotT = TypeVar("LotT", bound=Lot)


@dataclass(frozen=True)
class Earning:
    """Points for one purchase and the breakdown that answers "why"."""

    points: int
    breakdown: dict[str, Any]


def earning_for(amount: Decimal, rules: Iterable[Rule]) -> Earning:
    """Sum what every rule gives for the amount and round down once, at the end."""
    exact = Fraction(0)
    lines = []
    for rule in rules:
        gives = Fraction(amount) * rule.points / Fraction(rule.per_amount)
        exact += gives
        lines.append(
            {
                "rule": rule.code,
                "version": rule.version,
                "points": rule.points,
                "per_amount": str(quantize(rule.per_amount)),
                "gives": decimal_text(gives),
            }
        )
    points = exact.numerator // exact.denominator
    breakdown = {"amount": str(quantize(amount)), "rules": lines, "rounding": "down"}
    return Earning(points=points, breakdown=breakdown)


def decimal_text(number: Fraction, places: int = 4) -> str:
    """A fraction cut, not rounded, to a few places: for reading only, never for sums."""
    scale = 10**places
    cut = Decimal(number.numerator * scale // number.denominator) / scale
    text = f"{cut:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def clawback_claim(*, earned: int, paid: Decimal, refunded: Decimal, already: int) -> int:
    """Points to claw back now: one cumulative floor per purchase and kind.

    `floor(earned × refunded so far / paid) − already clawed back`, so that partial refunds sum
    exactly and the last takes the rest. A purchase of nothing has nothing to claw back.
    """
    if not paid:
        return 0
    due = Fraction(refunded) * earned / Fraction(paid)
    return due.numerator // due.denominator - already


def takeable(lots: Iterable[Lot]) -> int:
    """What is left in these lots together."""
    return sum(lot.remaining for lot in lots)


def take_in_order(lots: Sequence[LotT], points: int) -> list[tuple[LotT, int]]:
    """Take points from lots in the order given; refuse more than they hold."""
    takes: list[tuple[LotT, int]] = []
    missing = points
    for lot in lots:
        if missing == 0:
            break
        taken = min(lot.remaining, missing)
        if taken:
            takes.append((lot, taken))
            missing -= taken
    if missing:
        raise InsufficientPoints(spendable=points - missing, asked=points)
    return takes


def line_amounts(exact: Sequence[Decimal]) -> list[Decimal]:
    """Round lines to money so that they add up to the rounded exact total.

    Each line is the difference of rounded running totals (half up), so that no line is more than
    one minor unit away from its own rounding.
    """
    amounts = []
    running = Decimal(0)
    booked = Decimal(0)
    for line in exact:
        running += line
        amounts.append(quantize(running) - booked)
        booked = quantize(running)
    return amounts


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
