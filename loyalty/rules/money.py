"""Points as money: how many pay for how much of a purchase, and what a refund gives back."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from common.money import from_minor, quantize, to_minor

from .points import clawback_claim, line_amounts


@dataclass(frozen=True)
class MoneyTerms:
    """The programme's rules for one member: `points_per_money` points are worth 1.00."""

    points_per_money: int
    minimum_purchase: Decimal
    maximum_share: Decimal
    multiple: int
    is_offered: bool = True


class QuoteLimit(StrEnum):
    """Why no more points would be taken."""

    NOT_OFFERED = "not_offered"
    DEBT = "debt"
    MINIMUM = "minimum"
    SHARE = "share"
    POINTS = "points"
    MULTIPLE = "multiple"
    ASKED = "asked"


@dataclass(frozen=True)
class PointsQuote:
    """What would be taken for a purchase of `purchase_amount`, what it is worth, why not more."""

    purchase_amount: Decimal
    points: int
    amount: Decimal
    limit: QuoteLimit
    spendable: int
    debt: int
    terms: MoneyTerms

    @property
    def left_to_pay(self) -> Decimal:
        """What remains to be paid with money."""
        return self.purchase_amount - self.amount


def worth(points: int, points_per_money: int) -> Decimal:
    """What points pay, in whole units of the currency's smallest coin, rounded down."""
    return _down(Fraction(points, points_per_money))


def quote(
    amount: Decimal, *, spendable: int, debt: int, terms: MoneyTerms, asked: int | None = None
) -> PointsQuote:
    """The most points that may pay for a purchase of this amount, or as many as are asked for.

    Whole multiples only, worth no more than the largest share, and no more of them than that
    worth needs: rounding never costs the member points. Nothing while points are owed or where
    the purchase is below the minimum.
    """
    points, limit = _most(amount, spendable, debt, terms)
    if asked is not None and asked < points:
        points, limit = _whole(asked, terms), QuoteLimit.ASKED
    paid = worth(points, terms.points_per_money)
    points = _fewest(paid, terms)
    return PointsQuote(
        purchase_amount=amount,
        points=points,
        amount=paid,
        limit=limit,
        spendable=spendable,
        debt=debt,
        terms=terms,
    )


def restore_claim(*, used: int, paid: Decimal, refunded: Decimal, already: int) -> int:
    """Points to give back now, by the same cumulative floor as a clawback.

    `already` counts whatever was given back of them, so that it never comes to more than was used.
    """
    return max(0, clawback_claim(earned=used, paid=paid, refunded=refunded, already=already))


def points_part(*, paid_by_points: Decimal, paid: Decimal, refunded: Decimal) -> Decimal:
    """The part of what was refunded so far that points had paid, rounded down; in full at the end.

    The cumulative sum: a refund's own part is the difference to what was there before it.
    """
    if not paid:
        return Decimal(0)
    return _down(Fraction(paid_by_points) * Fraction(refunded) / Fraction(paid))


def net_parts(parts: Sequence[Decimal], *, due: Decimal, amount: Decimal) -> list[Decimal]:
    """What was paid with money for each of the parts that add up to what was due."""
    if due == amount or not due:
        return list(parts)
    return line_amounts([part * amount / due for part in parts])


def line_refund(
    *, paid: Decimal, quantity: Decimal, back_before: Decimal, back_now: Decimal
) -> Decimal:
    """Money for a number of pieces of one line, cumulative, so that the last takes the rest."""
    after = quantize(paid * (back_before + back_now) / quantity)
    return after - quantize(paid * back_before / quantity)


def point_shares(points: int, amounts: Sequence[Decimal]) -> list[int]:
    """Points shared out among lines by their amounts, for display: cumulative floors, exact."""
    total = sum(amounts, Decimal(0))
    if not total:
        return [0] * len(amounts)
    shares, running, booked = [], Decimal(0), 0
    for amount in amounts:
        running += amount
        reached = Fraction(running) * points / Fraction(total)
        whole = reached.numerator // reached.denominator
        shares.append(whole - booked)
        booked = whole
    return shares


def _most(amount: Decimal, spendable: int, debt: int, terms: MoneyTerms) -> tuple[int, QuoteLimit]:
    if not terms.is_offered:
        return 0, QuoteLimit.NOT_OFFERED
    if debt:
        return 0, QuoteLimit.DEBT
    if amount < terms.minimum_purchase:
        return 0, QuoteLimit.MINIMUM
    most_paid = _down(Fraction(amount) * Fraction(terms.maximum_share) / 100)
    by_share = int(Fraction(most_paid) * terms.points_per_money)
    points = _whole(min(by_share, spendable), terms)
    if by_share <= spendable:
        return points, QuoteLimit.SHARE if points else QuoteLimit.MULTIPLE
    return points, QuoteLimit.POINTS if points == spendable else QuoteLimit.MULTIPLE


def _whole(points: int, terms: MoneyTerms) -> int:
    return points - points % terms.multiple


def _fewest(paid: Decimal, terms: MoneyTerms) -> int:
    """The fewest points, in whole multiples, that are worth this much."""
    needed = Fraction(paid) * terms.points_per_money
    exact = -(-needed.numerator // needed.denominator)
    return -(-exact // terms.multiple) * terms.multiple


def _down(exact: Fraction) -> Decimal:
    minor = exact * to_minor(1)
    return from_minor(minor.numerator // minor.denominator)
