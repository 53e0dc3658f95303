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
from .events import (
    event_detail,
    event_picture,
    events,
    register_for_event,
    wait_for_event,
)
from .home import help_page, home, tier_styles
from .places import (
    accept_place,
    cancel_place,
    event_calendar,
    event_place,
    event_ticket,
    my_events,
)
from .purchases import work_out_purchase
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
    "accept_place",
    "cancel_place",
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
    "event_calendar",
    "event_detail",
    "event_picture",
    "event_place",
    "event_ticket",
    "events",
    "help_page",
    "home",
    "join_group",
    "my_events",
    "open_group",
    "pickup_code",
    "redeem",
    "register_for_event",
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
    "wait_for_event",
    "work_out_purchase",
]
