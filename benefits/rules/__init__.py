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
    refusal_of,
    split_exactly,
    stacking_refusals,
)
from .goals import Goal, Measure

__all__ = [
    "Basket",
    "BasketLine",
    "Discount",
    "Goal",
    "Measure",
    "Shopper",
    "Terms",
    "discounts",
    "eligible_lines",
    "percent_off",
    "refusal_of",
    "split_exactly",
    "stacking_refusals",
]
