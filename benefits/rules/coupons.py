"""What a coupon takes off a purchase, or why it does not apply.

A purchase is a basket of lines, net of the shop's own discounts. A coupon is for the lines of its
categories, for all of them where it names none. Coupons take off in one order whoever asks in
which: percentages first, the largest first, then fixed amounts, then shipping; each from what the
ones before it left. Amounts are counted in the currency's smallest unit, so every sum is exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from benefits.errors import (
    AmountBelowZero,
    CategoryNotEligible,
    ChannelNotEligible,
    CouponExpired,
    CouponNotStarted,
    CouponRefusal,
    LinesNotDistinct,
    NotStackable,
    SegmentNotEligible,
    SpendTooLow,
    StoreNotEligible,
    TierNotEligible,
)
from common import clock
from common.money import from_minor, to_minor


class Takes(StrEnum):
    """What a coupon takes off, in the order in which coupons do."""

    PERCENT = "percent_off"
    AMOUNT = "amount_off"
    SHIPPING = "free_shipping"
    GIFT = "gift"
    SERVICE = "service"


_ORDER = {kind: place for place, kind in enumerate(Takes)}


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line that is about to be paid: its own key, its amount and the id of its category."""

    key: str
    amount: Decimal
    category: int | None = None


@dataclass(frozen=True)
class Basket:
    """A purchase before it is paid; store and channel by their ids."""

    lines: tuple[BasketLine, ...]
    store: int | None = None
    channel: int | None = None
    shipping: Decimal = Decimal(0)

    def check(self) -> None:
        """Refuse what is no amount of the currency, amounts below zero and lines that cannot be
        told apart.
        """
        amounts = [self.shipping, *(line.amount for line in self.lines)]
        if any(to_minor(amount) < 0 for amount in amounts):
            raise AmountBelowZero()
        to_minor(self.goods)
        seen: set[str] = set()
        for line in self.lines:
            if line.key in seen:
                raise LinesNotDistinct(line=line.key)
            seen.add(line.key)

    @property
    def goods(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclass(frozen=True)
class Shopper:
    """Who asks: the tier held, by id and rank, and the ids of the member's segments of the day."""

    tier: int | None = None
    segments: frozenset[int] = frozenset()
    rank: int | None = None


@dataclass(frozen=True)
class Terms:
    """What a coupon, told apart by `key`, takes off and when; no ids of a sort limit nothing."""

    key: str
    kind: str
    valid_from: datetime
    expires_at: datetime | None
    amount: Decimal | None = None
    percent: Decimal | None = None
    ceiling: Decimal | None = None
    minimum_spend: Decimal | None = None
    is_stackable: bool = True
    exclusive_group: str = ""
    categories: frozenset[int] = frozenset()
    stores: frozenset[int] = frozenset()
    channels: frozenset[int] = frozenset()
    tiers: frozenset[int] = frozenset()
    segments: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Discount:
    """What one coupon takes off: from which lines how much, and from the shipping."""

    amount: Decimal = Decimal(0)
    shares: Mapping[str, Decimal] = field(default_factory=dict)
    shipping: Decimal = Decimal(0)


def refusal_of(
    terms: Terms, *, basket: Basket, shopper: Shopper, at: datetime
) -> CouponRefusal | None:
    """Why the coupon does not apply to this purchase of this member at this instant; None: it
    does.
    """
    if terms.expires_at and at >= terms.expires_at:
        return CouponExpired(last_day=clock.last_valid_day(terms.expires_at))
    if at < terms.valid_from:
        return CouponNotStarted(starts_on=clock.business_date(terms.valid_from))
    if terms.tiers and shopper.tier not in terms.tiers:
        return TierNotEligible()
    if terms.segments and not terms.segments & shopper.segments:
        return SegmentNotEligible()
    return purchase_refusal(terms, basket)


def purchase_refusal(terms: Terms, basket: Basket) -> CouponRefusal | None:
    """Why the coupon does not apply to this purchase, whoever makes it and whenever; None: it does.

    The spend that counts is that of the eligible lines before any coupon.
    """
    if terms.stores and basket.store not in terms.stores:
        return StoreNotEligible()
    if terms.channels and basket.channel not in terms.channels:
        return ChannelNotEligible()
    lines = eligible_lines(terms, basket)
    if not lines and terms.categories:
        return CategoryNotEligible()
    spend = sum((line.amount for line in lines), Decimal(0))
    if terms.minimum_spend is not None and spend < terms.minimum_spend:
        return SpendTooLow(minimum=terms.minimum_spend, eligible=spend)
    return None


def eligible_lines(terms: Terms, basket: Basket) -> list[BasketLine]:
    """The lines that a coupon is for."""
    return [
        line for line in basket.lines if not terms.categories or line.category in terms.categories
    ]


def stacking_refusals(asked: Sequence[Terms]) -> list[CouponRefusal | None]:
    """Which of several coupons cannot join those before it, in the order asked for.

    One that is not stackable goes alone; of an exclusive group only one goes.
    """
    refusals: list[CouponRefusal | None] = []
    taken: list[Terms] = []
    for terms in asked:
        goes = all(_combine(terms, other) for other in taken)
        refusals.append(None if goes else NotStackable())
        if goes:
            taken.append(terms)
    return refusals


def _combine(one: Terms, other: Terms) -> bool:
    are_stackable = one.is_stackable and other.is_stackable
    is_same_group = bool(one.exclusive_group) and one.exclusive_group == other.exclusive_group
    return are_stackable and not is_same_group


def discounts(asked: Sequence[Terms], basket: Basket) -> list[Discount]:
    """What each of these coupons takes off, all together and in the order asked for.

    They are taken to apply. Never more than the eligible lines have left, in sum nor on any
    line; the shares of a coupon add up to what it takes off.
    """
    left = {line.key: to_minor(line.amount) for line in basket.lines}
    shipping = to_minor(basket.shipping)
    found: dict[int, Discount] = {}
    for place in sorted(range(len(asked)), key=lambda place: _precedence(asked[place])):
        terms = asked[place]
        if terms.kind == Takes.SHIPPING:
            found[place] = Discount(shipping=from_minor(shipping))
            shipping = 0
            continue
        eligible = {line.key: left[line.key] for line in eligible_lines(terms, basket)}
        shares = split_exactly(_taken(terms, sum(eligible.values())), eligible)
        for key, share in shares.items():
            left[key] -= share
        found[place] = Discount(
            amount=from_minor(sum(shares.values())),
            shares={key: from_minor(share) for key, share in shares.items() if share},
        )
    return [found[place] for place in range(len(asked))]


def _precedence(terms: Terms) -> tuple[int, Decimal, Decimal, str]:
    percent, amount = terms.percent or Decimal(0), terms.amount or Decimal(0)
    return _ORDER[Takes(terms.kind)], -percent, -amount, terms.key


def _taken(terms: Terms, eligible: int) -> int:
    """How many minor units a coupon takes off what is eligible; gifts and services take none."""
    taken = 0
    if terms.kind == Takes.AMOUNT and terms.amount is not None:
        taken = to_minor(terms.amount)
    elif terms.kind == Takes.PERCENT and terms.percent is not None:
        taken = percent_off(eligible, terms.percent)
        if terms.ceiling is not None:
            taken = min(taken, to_minor(terms.ceiling))
    return min(taken, eligible)


def percent_off(minor: int, percent: Decimal) -> int:
    """A percentage of a count of minor units, rounded half up."""
    hundredths = int(percent * 100)
    return (minor * hundredths * 2 + 10_000) // 20_000


def split_exactly(total: int, amounts: Mapping[str, int]) -> dict[str, int]:
    """Share a total out in proportion to amounts: largest remainders first, ties by key.

    The shares add up to the total, none is above its amount, and the order of the amounts changes
    nothing. The total is at most the sum of the amounts.
    """
    whole = sum(amounts.values())
    if not 0 <= total <= whole:
        raise ValueError("A total beyond its amounts cannot be shared out.")
    if total == 0:
        return dict.fromkeys(amounts, 0)
    shares = {key: total * amount // whole for key, amount in amounts.items()}
    rest = total - sum(shares.values())
    by_remainder = sorted(amounts, key=lambda key: (-(total * amounts[key] % whole), key))
    for key in by_remainder[:rest]:
        shares[key] += 1
    return shares
