from .batches import CouponBatch, CouponRecipient
from .birthdays import BirthdayGrant, BirthdayPerk
from .coupons import Coupon, CouponUse
from .gifts import TierGift, TierGiftGrant
from .guesses import GuessCounter
from .holidays import Holiday
from .sharing import CouponGroup, CouponGroupPlace, CouponShare
from .templates import ClaimWindow, CouponCounter, CouponTemplate, CouponTerms

__all__ = [
    "BirthdayGrant",
    "BirthdayPerk",
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
    "Holiday",
    "TierGift",
    "TierGiftGrant",
]
