from .batches import CouponBatch, CouponRecipient
from .coupons import Coupon, CouponUse
from .guesses import GuessCounter
from .lottery import LotteryDraw, LotteryPrize
from .reward_orders import RewardOrder, RewardOrderStep
from .rewards import Reward, RewardCounter, RewardPicture, RewardPrice, RewardWindow
from .sharing import CouponGroup, CouponGroupPlace, CouponShare
from .templates import ClaimWindow, CouponCounter, CouponTemplate, CouponTerms

__all__ = [
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
    "LotteryDraw",
    "LotteryPrize",
    "Reward",
    "RewardCounter",
    "RewardOrder",
    "RewardOrderStep",
    "RewardPicture",
    "RewardPrice",
    "RewardWindow",
]
