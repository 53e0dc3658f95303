"""The operators' pages about what members get."""

from .batches import CouponBatchAdmin
from .birthdays import BirthdayGrantAdmin, BirthdayPerkAdmin
from .coupons import CouponAdmin
from .event_sessions import EventSessionAdmin
from .events import EventAdmin
from .gifts import HolidayAdmin, TierGiftAdmin, TierGiftGrantAdmin
from .registrations import RegistrationAdmin
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
    "EventAdmin",
    "EventSessionAdmin",
    "HolidayAdmin",
    "RegistrationAdmin",
    "RewardAdmin",
    "RewardOrderAdmin",
    "TierGiftAdmin",
    "TierGiftGrantAdmin",
]
