from .gifts import BirthdayPerkForm, HolidayForm, TierGiftForm
from .operators import CouponTemplateForm, GenerateCodesForm, IssueListForm, VoidForm
from .portal import ClaimForm, EnterCodeForm

__all__ = [
    "BirthdayPerkForm",
    "ClaimForm",
    "CouponTemplateForm",
    "EnterCodeForm",
    "GenerateCodesForm",
    "HolidayForm",
    "IssueListForm",
    "TierGiftForm",
    "VoidForm",
]
