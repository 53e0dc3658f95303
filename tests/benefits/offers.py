"""Offers and baskets for tests, made of rows that an operator could have made."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from benefits.models import ClaimWindow, Coupon, CouponTemplate
from benefits.rules import Basket, BasketLine
from benefits.services.issuing import issue_coupon
from loyalty.models import Standing, Tier
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.programmes import local

NOON = local(2025, 3, 14, 12)


def offer(code: str = "ten-off", **terms: Any) -> CouponTemplate:
    """10.00 off for thirty days, unless told otherwise."""
    details: dict[str, Any] = {"name_en": "Ten off", "name_zh": "立减十元", "kind": "amount_off"}
    details |= terms
    if details["kind"] == "amount_off":
        details.setdefault("amount", Decimal("10.00"))
    if "ends_on" not in details:
        details.setdefault("validity", "30D")
    return CouponTemplate.objects.create(code=code, **details)


def percent_offer(percent: str, code: str = "percent", **terms: Any) -> CouponTemplate:
    return offer(code, kind="percent_off", percent=Decimal(percent), **terms)


def coupon_for(
    member: Member | None = None,
    template: CouponTemplate | None = None,
    *,
    key: str = "k",
    now: datetime = NOON,
) -> Coupon:
    """A coupon that its member was given at noon."""
    return issue_coupon(
        template=template or offer(), member=member or MemberFactory.create(), key=key, now=now
    )


def basket(*amounts: str, **where: Any) -> Basket:
    """Lines called 1, 2, 3 … of these amounts."""
    lines = (BasketLine(str(number), Decimal(amount)) for number, amount in enumerate(amounts, 1))
    return Basket(lines=tuple(lines), **where)


def window(
    template: CouponTemplate,
    tier: Tier,
    opens_at: datetime = NOON,
    closes_at: datetime | None = None,
) -> ClaimWindow:
    return ClaimWindow.objects.create(
        template=template, tier=tier, opens_at=opens_at, closes_at=closes_at
    )


def stand_on(member: Member, tier: Tier) -> None:
    """Put a member on a tier, as a review does."""
    Standing.objects.create(member=member, tier=tier, since=NOON, reviewed_at=NOON)
