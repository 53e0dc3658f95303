"""What a purchase would come to for a member, worked out before it is paid. Nothing is taken."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from benefits.models import Coupon
from benefits.rules import Basket
from benefits.services.quotes import Quote, QuotedCoupon, quote_purchase
from loyalty.rules import PointsQuote
from loyalty.services.points_money import quote_points
from members.models import Member


@dataclass(frozen=True)
class ShownLine:
    """One line of the purchase: what it is called, what it costs, what coupons take off it."""

    name: str
    amount: Decimal
    off: Decimal


@dataclass(frozen=True)
class WorkedOut:
    """A purchase with coupons and points: what each takes off or why not, and what is left."""

    quote: Quote
    # By the keys of the lines, in their order.
    names: dict[str, str]
    # None where no points were asked for.
    points: PointsQuote | None

    @property
    def coupons(self) -> Sequence[QuotedCoupon]:
        return self.quote.coupons

    @property
    def lines(self) -> Iterator[ShownLine]:
        shares = self.quote.shares
        for line in self.quote.basket.lines:
            yield ShownLine(self.names[line.key], line.amount, shares[line.key])

    @property
    def payable(self) -> Decimal:
        """What is left to pay with money."""
        return self.quote.payable - (self.points.amount if self.points else Decimal(0))


def work_out(
    *,
    member: Member,
    basket: Basket,
    names: dict[str, str],
    coupons: Sequence[Coupon],
    points: int | None,
    at: datetime,
) -> WorkedOut:
    """Quote coupons for the purchase and then points for what they leave of the goods."""
    codes = [coupon.code for coupon in coupons]
    quote = quote_purchase(member=member, codes=codes, basket=basket, now=at)
    left = basket.goods - quote.discount
    asked = quote_points(member=member, amount=left, points=points, now=at) if points else None
    return WorkedOut(quote=quote, names=names, points=asked)
