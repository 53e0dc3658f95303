from .card import card, card_bars, card_code
from .coupons import (
    claim_offer,
    coupon_bars,
    coupon_code,
    coupon_detail,
    coupon_offers,
    coupons,
    enter_coupon,
)
from .home import help_page, home, tier_styles
from .reward_orders import (
    cancel_reward_order,
    pickup_code,
    return_reward,
    reward_order,
    reward_orders,
)
from .rewards import redeem, reward_detail, reward_picture, rewards
from .sharing import (
    coupon_group,
    join_group,
    open_group,
    share_coupon,
    shared_coupon,
    take_shared,
)
from .styleguide import styleguide

__all__ = [
    "cancel_reward_order",
    "card",
    "card_bars",
    "card_code",
    "claim_offer",
    "coupon_bars",
    "coupon_code",
    "coupon_detail",
    "coupon_group",
    "coupon_offers",
    "coupons",
    "enter_coupon",
    "help_page",
    "home",
    "join_group",
    "open_group",
    "pickup_code",
    "redeem",
    "return_reward",
    "reward_detail",
    "reward_order",
    "reward_orders",
    "reward_picture",
    "rewards",
    "share_coupon",
    "shared_coupon",
    "styleguide",
    "take_shared",
    "tier_styles",
]
