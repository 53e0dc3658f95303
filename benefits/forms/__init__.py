from .desk import UseCouponForm
from .events import (
    CancelEventForm,
    CapacityForm,
    CheckInForm,
    EventForm,
    EventSessionForm,
    EventWindowFormSet,
    MoveSessionForm,
    RegisterForm,
    RegisterGuestForm,
)
from .gifts import BirthdayPerkForm, HolidayForm, TierGiftForm
from .operators import (
    CouponTemplateForm,
    GenerateCodesForm,
    IssueListForm,
    IssueSegmentForm,
    VoidForm,
)
from .portal import ClaimForm, EnterCodeForm, RedeemForm, ReturnForm
from .purchases import PurchaseForm
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
    "CancelEventForm",
    "CancelOrderForm",
    "CapacityForm",
    "CheckInForm",
    "ClaimForm",
    "CollectForm",
    "CouponTemplateForm",
    "DeclineReturnForm",
    "EnterCodeForm",
    "EventForm",
    "EventSessionForm",
    "EventWindowFormSet",
    "GenerateCodesForm",
    "HolidayForm",
    "IssueListForm",
    "IssueSegmentForm",
    "LotteryPrizeForm",
    "LotteryPrizeFormSet",
    "MoveSessionForm",
    "PictureForm",
    "PurchaseForm",
    "RedeemForm",
    "RegisterForm",
    "RegisterGuestForm",
    "ReturnForm",
    "ReturnedForm",
    "RewardForm",
    "ShipForm",
    "TierGiftForm",
    "UseCouponForm",
    "VoidForm",
    "WindowForm",
]
