from .gifts import BirthdayPerkForm, HolidayForm, TierGiftForm
from .operators import (
    CouponTemplateForm,
    GenerateCodesForm,
    IssueListForm,
    IssueSegmentForm,
    VoidForm,
)
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
from .windows import WindowForm

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
    "IssueSegmentForm",
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
    "WindowForm",
]
