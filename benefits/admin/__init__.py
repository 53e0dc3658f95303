"""The operators' pages about what members get."""

from .batches import CouponBatchAdmin
from .birthdays import BirthdayGrantAdmin, BirthdayPerkAdmin
from .coupons import CouponAdmin
from .gifts import HolidayAdmin, TierGiftAdmin, TierGiftGrantAdmin
from .reward_orders import RewardOrderAdmin
from .rewards import RewardAdmin
from .sharing import CouponGroupAdmin, CouponShareAdmin
from .templates import CouponTemplateAdmin

__all__ = [
    "BirthdayGrantAdmin",
    "BirthdayPerkAdmin",
    "CouponAdmin",
    "CouponBatchAdmin",
    "CouponGroupAdmin",
    "CouponShareAdmin",
    "CouponTemplateAdmin",
    "HolidayAdmin",
    "RewardAdmin",
    "RewardOrderAdmin",
    "TierGiftAdmin",
    "TierGiftGrantAdmin",
]
