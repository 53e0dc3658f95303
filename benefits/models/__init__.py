from .batches import CouponBatch, CouponRecipient
from .coupons import Coupon, CouponUse
from .guesses import GuessCounter
from .sharing import CouponGroup, CouponGroupPlace, CouponShare
from .templates import ClaimWindow, CouponCounter, CouponTemplate, CouponTerms

__all__ = [
    "ClaimWindow",
    "Coupon",
    "CouponBatch",
    "CouponCounter",
    "CouponGroup",
    "CouponGroupPlace",
    "CouponRecipient",
    "CouponShare",
    "CouponTemplate",
    "CouponTerms",
    "CouponUse",
    "GuessCounter",
]
