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
from .sharing import (
    coupon_group,
    join_group,
    open_group,
    share_coupon,
    shared_coupon,
    take_shared,
)

__all__ = [
    "card_code",
    "claim_offer",
    "coupon_bars",
    "coupon_code",
    "coupon_detail",
    "coupon_group",
    "coupon_offers",
    "coupons",
    "enter_coupon",
    "home",
    "join_group",
    "open_group",
    "share_coupon",
    "shared_coupon",
    "take_shared",
    "tier_styles",
]
