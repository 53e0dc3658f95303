"""The operators' pages about what members get."""

from .batches import CouponBatchAdmin
from .coupons import CouponAdmin
from .templates import CouponTemplateAdmin

__all__ = ["CouponAdmin", "CouponBatchAdmin", "CouponTemplateAdmin"]
