from .batches import CouponBatch, CouponRecipient
from .birthdays import BirthdayGrant, BirthdayPerk
from .coupons import Coupon, CouponUse
from .event_sessions import EventSession
from .events import Event, EventPicture, EventWindow
from .gifts import TierGift, TierGiftGrant
from .guesses import GuessCounter
from .holidays import Holiday
from .lottery import LotteryDraw, LotteryPrize
from .merges import MergedCoupon
from .registrations import Registration, RegistrationStep
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
    "Event",
    "EventPicture",
    "EventSession",
    "EventWindow",
    "GuessCounter",
    "Holiday",
    "LotteryDraw",
    "LotteryPrize",
    "MergedCoupon",
    "Registration",
    "RegistrationStep",
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
