"""What comes out of lots, what a refund takes back, and how lines are rounded."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Protocol, TypeVar

from common.money import quantize
from loyalty.errors import InsufficientPoints


class Lot(Protocol):
    """What a lot must tell to be taken from."""

    @property
    def remaining(self) -> int: ...


# An expiry this many times above what was foreseen, and of more points than this, looks wrong.
MOST_OF_FORECAST = Fraction(12, 10)
LEAST_GUARDED = 1_000

LotT = TypeVar("LotT", bound=Lot)


def clawback_claim(*, earned: int, paid: Decimal, refunded: Decimal, already: int) -> int:
    """Points to claw back now: one cumulative floor per purchase and kind.

    `floor(earned × refunded so far / paid) − already clawed back`, so that partial refunds sum
    exactly and the last takes the rest. A purchase of nothing has nothing to claw back.
    """
    if not paid:
        return 0
    due = Fraction(refunded) * earned / Fraction(paid)
    return due.numerator // due.denominator - already


def is_beyond_forecast(due: int, forecast: int | None) -> bool:
    """Whether an expiry waits for an operator: over 1.2 × its forecast and over 1,000 points.

    Without a forecast there is nothing to be beyond.
    """
    if forecast is None or due <= LEAST_GUARDED:
        return False
    return due > MOST_OF_FORECAST * forecast


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


def merged_holding(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """What two holdings (points, debt) come to together: points pay debt as far as they go."""
    points, debt = one[0] + other[0], one[1] + other[1]
    paid = min(points, debt)
    return points - paid, debt - paid


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
