from .batches import CouponBatch, CouponRecipient
from .birthdays import BirthdayGrant, BirthdayPerk
from .coupons import Coupon, CouponUse
from .gifts import TierGift, TierGiftGrant
from .guesses import GuessCounter
from .holidays import Holiday
from .lottery import LotteryDraw, LotteryPrize
from .reward_orders import RewardOrder, RewardOrderStep
from .rewards import Reward, RewardCounter, RewardPicture, RewardPrice, RewardWindow
from .sharing import CouponGroup, CouponGroupPlace, CouponShare
from .templates import ClaimWindow, CouponCounter, CouponTemplate, CouponTerms

__all__ = [
    "BirthdayGrant",
    "BirthdayPerk",
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
    "Holiday",
    "LotteryDraw",
    "LotteryPrize",
    "Reward",
    "RewardCounter",
    "RewardOrder",
    "RewardOrderStep",
    "RewardPicture",
    "RewardPrice",
    "RewardWindow",
    "TierGift",
    "TierGiftGrant",
]
