from .coupons import (
    claim_offer,
    coupon_bars,
    coupon_code,
    coupon_detail,
    coupon_offers,
    coupons,
    enter_coupon,
)
from .home import card_code, home, tier_styles

__all__ = [
    "card_code",
    "claim_offer",
    "coupon_bars",
    "coupon_code",
    "coupon_detail",
    "coupon_offers",
    "coupons",
    "enter_coupon",
    "home",
    "tier_styles",
]
