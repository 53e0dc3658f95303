"""What a purchase would cost with coupons and points, and why a coupon does not apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from benefits.errors import (
    AmountBelowZero,
    CouponExpired,
    CouponNotFound,
    CouponOfAnother,
    CouponRefusal,
    CouponReserved,
    CouponUsed,
    CouponVoided,
    LimitReached,
    PointsExceedPayable,
)
from benefits.models import Coupon, CouponCounter
from benefits.rules import (
    Basket,
    Discount,
    Shopper,
    discounts,
    refusal_of,
    stacking_refusals,
)
from benefits.rules.codes import is_code, plain_code
from benefits.shoppers import shopper_at
from common import clock
from common.money import to_minor
from members.models import Member

Status = Coupon.Status


@dataclass(frozen=True)
class QuotedCoupon:
    """One code of a quote: its coupon where it is known, and what it takes off or why not."""

    code: str
    coupon: Coupon | None
    refusal: CouponRefusal | None
    discount: Discount

    @property
    def reason(self) -> str:
        """The machine-readable reason; empty where the coupon applies."""
        return self.refusal.code if self.refusal else ""


@dataclass(frozen=True)
class Quote:
    """What a purchase would cost with these coupons and points; a quote takes nothing."""

    basket: Basket
    coupons: list[QuotedCoupon]
    points_amount: Decimal

    @property
    def is_applicable(self) -> bool:
        return all(quoted.refusal is None for quoted in self.coupons)

    @property
    def discount(self) -> Decimal:
        """What all coupons take off the goods."""
        return sum((quoted.discount.amount for quoted in self.coupons), Decimal(0))

    @property
    def shipping_discount(self) -> Decimal:
        return sum((quoted.discount.shipping for quoted in self.coupons), Decimal(0))

    @property
    def payable(self) -> Decimal:
        """Goods and shipping, less coupons and points: never below zero."""
        full = self.basket.goods + self.basket.shipping
        return full - self.discount - self.shipping_discount - self.points_amount

    @property
    def shares(self) -> dict[str, Decimal]:
        """What is taken off each line by all coupons; their sum is the discount."""
        total = {line.key: Decimal(0) for line in self.basket.lines}
        for quoted in self.coupons:
            for key, share in quoted.discount.shares.items():
                total[key] += share
        return total


def quote_purchase(
    *,
    member: Member,
    codes: Sequence[str],
    basket: Basket,
    points_amount: Decimal = Decimal(0),
    checkout_key: str = "",
    is_till: bool = False,
    now: datetime | None = None,
) -> Quote:
    """Say what each coupon takes off a purchase, or why it does not apply. Writes nothing.

    A code that nobody holds is quoted as if it were the member's. Another member's coupon is
    `not_found` for a member and `wrong_member` for a till. Coupons that the same checkout holds
    apply. `points_amount` is what points pay, in money; refused where it is more than is left.
    """
    check_shape(basket, points_amount)
    wanted = list(dict.fromkeys(plain_code(code) for code in codes))
    found = {coupon.code: coupon for coupon in named_by(wanted)}
    at = now or clock.now()
    asker = Asker(member, basket, checkout_key, at, is_till=is_till)
    return asker.quote([(code, found.get(code)) for code in wanted], points_amount)


def check_shape(basket: Basket, points_amount: Decimal) -> None:
    """Refuse what is no amount, amounts below zero and lines that cannot be told apart."""
    basket.check()
    if to_minor(points_amount) < 0:
        raise AmountBelowZero()


def named_by(codes: Sequence[str]) -> list[Coupon]:
    """The coupons of plain codes; what can be no code is not looked for."""
    possible = [code for code in codes if is_code(code)]
    return list(Coupon.objects.filter(code__in=possible).select_related("template"))


def quote_of(basket: Basket, coupons: list[QuotedCoupon], points_amount: Decimal) -> Quote:
    """A quote that can be paid. Refused: points for more than is left (PointsExceedPayable)."""
    quote = Quote(basket=basket, coupons=coupons, points_amount=points_amount)
    if quote.payable < 0:
        left = quote.payable + points_amount
        raise PointsExceedPayable(amount=points_amount, left=left)
    return quote


class Asker:
    """Who asks about a purchase, and when: the same for every coupon of one quote."""

    def __init__(
        self, member: Member, basket: Basket, checkout_key: str, at: datetime, *, is_till: bool
    ) -> None:
        self.member = member
        self.basket = basket
        self.checkout_key = checkout_key
        self.at = at
        self.is_till = is_till

    def quote(self, named: list[tuple[str, Coupon | None]], points_amount: Decimal) -> Quote:
        asks = any(coupon.is_for_segments for _code, coupon in named if coupon)
        shopper = shopper_at(self.member, self.at, asks_for_segments=asks)
        refusals = [self._refusal(coupon, shopper) for _code, coupon in named]
        applying = [place for place, refusal in enumerate(refusals) if refusal is None]
        terms = [coupon.terms() for place in applying if (coupon := named[place][1])]
        for place, refusal in zip(applying, stacking_refusals(terms), strict=True):
            refusals[place] = refusal
        taken = self._discounts([coupon for _code, coupon in named], refusals)
        quoted = [
            QuotedCoupon(code, coupon, refusal, discount)
            for (code, coupon), refusal, discount in zip(named, refusals, taken, strict=True)
        ]
        return quote_of(self.basket, quoted, points_amount)

    def _discounts(
        self, coupons: list[Coupon | None], refusals: list[CouponRefusal | None]
    ) -> list[Discount]:
        applying = [
            coupon
            for coupon, refusal in zip(coupons, refusals, strict=True)
            if coupon is not None and refusal is None
        ]
        taken = iter(discounts([coupon.terms() for coupon in applying], self.basket))
        return [Discount() if refusal else next(taken) for refusal in refusals]

    def _refusal(self, coupon: Coupon | None, shopper: Shopper) -> CouponRefusal | None:
        if coupon is None:
            return CouponNotFound()
        if coupon.member_id not in (None, self.member.pk):
            return CouponOfAnother() if self.is_till else CouponNotFound()
        return (
            self._closed(coupon)
            or refusal_of(coupon.terms(), basket=self.basket, shopper=shopper, at=self.at)
            or self._over_limit(coupon)
        )

    def _closed(self, coupon: Coupon) -> CouponRefusal | None:
        if coupon.status == Status.VOIDED:
            return CouponVoided()
        if coupon.status == Status.USED:
            return CouponUsed()
        if coupon.status == Status.EXPIRED and coupon.expires_at:
            return CouponExpired(last_day=clock.last_valid_day(coupon.expires_at))
        is_ours = coupon.checkout_key == self.checkout_key
        if coupon.is_reserved_at(self.at) and not is_ours:
            return CouponReserved(until=coupon.reserved_until)
        return None

    def _over_limit(self, coupon: Coupon) -> CouponRefusal | None:
        """Whether a code that nobody holds would be one more than the member may have."""
        limit = coupon.template.per_member_limit
        if coupon.member_id is not None or limit is None:
            return None
        counter = CouponCounter.objects.filter(template=coupon.template_id, member=self.member)
        given = counter.values_list("issued", flat=True).first() or 0
        return LimitReached(limit=limit) if given >= limit else None
