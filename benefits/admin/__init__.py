"""The operators' pages about what members get."""

from .batches import CouponBatchAdmin
from .coupons import CouponAdmin
from .reward_orders import RewardOrderAdmin
from .rewards import RewardAdmin
from .templates import CouponTemplateAdmin

__all__ = [
    "CouponAdmin",
    "CouponBatchAdmin",
    "CouponTemplateAdmin",
    "RewardAdmin",
    "RewardOrderAdmin",
]
