"""What benefits compute: arithmetic and dates, without database or clock."""

from .coupons import (
    Basket,
    BasketLine,
    Discount,
    Shopper,
    Terms,
    discounts,
    eligible_lines,
    percent_off,
    purchase_refusal,
    refusal_of,
    split_exactly,
    stacking_refusals,
)

__all__ = [
    "Basket",
    "BasketLine",
    "Discount",
    "Shopper",
    "Terms",
    "discounts",
    "eligible_lines",
    "percent_off",
    "purchase_refusal",
    "refusal_of",
    "split_exactly",
    "stacking_refusals",
]
