from .activities import ActivityForm
from .dry_runs import DryRunForm
from .programme import AdjustPointsForm, ApproveForm, AsOfForm, RejectForm, TierForm
from .rules import RuleForm

__all__ = [
    "ActivityForm",
    "AdjustPointsForm",
    "ApproveForm",
    "AsOfForm",
    "DryRunForm",
    "RejectForm",
    "RuleForm",
    "TierForm",
]
