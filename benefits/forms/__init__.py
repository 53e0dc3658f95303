from .gifts import BirthdayPerkForm, HolidayForm, TierGiftForm
from .operators import CouponTemplateForm, GenerateCodesForm, IssueListForm, VoidForm
from .portal import ClaimForm, EnterCodeForm, RedeemForm, ReturnForm
from .rewards import (
    CancelOrderForm,
    CollectForm,
    DeclineReturnForm,
    LotteryPrizeForm,
    LotteryPrizeFormSet,
    PictureForm,
    ReturnedForm,
    RewardForm,
    ShipForm,
)

__all__ = [
    "BirthdayPerkForm",
    "CancelOrderForm",
    "ClaimForm",
    "CollectForm",
    "CouponTemplateForm",
    "DeclineReturnForm",
    "EnterCodeForm",
    "GenerateCodesForm",
    "HolidayForm",
    "IssueListForm",
    "LotteryPrizeForm",
    "LotteryPrizeFormSet",
    "PictureForm",
    "RedeemForm",
    "ReturnForm",
    "ReturnedForm",
    "RewardForm",
    "ShipForm",
    "TierGiftForm",
    "VoidForm",
]
