from .operators import CouponTemplateForm, GenerateCodesForm, IssueListForm, VoidForm
from .portal import ClaimForm, EnterCodeForm

__all__ = [
    "ClaimForm",
    "CouponTemplateForm",
    "EnterCodeForm",
    "GenerateCodesForm",
    "IssueListForm",
    "VoidForm",
]
