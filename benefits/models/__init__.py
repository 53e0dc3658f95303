from .batches import CouponBatch, CouponRecipient
from .coupons import Coupon, CouponUse
from .guesses import GuessCounter
from .templates import ClaimWindow, CouponCounter, CouponTemplate, CouponTerms

__all__ = [
    "ClaimWindow",
    "Coupon",
    "CouponBatch",
    "CouponCounter",
    "CouponRecipient",
    "CouponTemplate",
    "CouponTerms",
    "CouponUse",
    "GuessCounter",
]
