from .activities import ActivityForm
from .dry_runs import DryRunForm
from .points import (
    ActivateForm,
    AdjustPointsForm,
    ApproveForm,
    AsOfForm,
    GiveBackForm,
    RejectForm,
    UsePointsForm,
)
from .redating import RedateForm
from .refunds import RefundForm
from .rules import RuleForm
from .tiers import TierForm

__all__ = [
    "ActivateForm",
    "ActivityForm",
    "AdjustPointsForm",
    "ApproveForm",
    "AsOfForm",
    "DryRunForm",
    "GiveBackForm",
    "RedateForm",
    "RefundForm",
    "RejectForm",
    "RuleForm",
    "TierForm",
    "UsePointsForm",
]
