"""The operators' pages about what members get."""

from .batches import CouponBatchAdmin
from .birthdays import BirthdayGrantAdmin, BirthdayPerkAdmin
from .coupons import CouponAdmin
from .gifts import HolidayAdmin, TierGiftAdmin, TierGiftGrantAdmin
from .templates import CouponTemplateAdmin

__all__ = [
    "BirthdayGrantAdmin",
    "BirthdayPerkAdmin",
    "CouponAdmin",
    "CouponBatchAdmin",
    "CouponTemplateAdmin",
    "HolidayAdmin",
    "TierGiftAdmin",
    "TierGiftGrantAdmin",
]
