from .activities import ActivityForm
from .dry_runs import DryRunForm
from .ladder_drafts import BeginDraftForm, DraftForms
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
from .tiers import GrantOverrideForm, LadderForm, RevokeOverrideForm, TierForm

__all__ = [
    "ActivateForm",
    "ActivityForm",
    "AdjustPointsForm",
    "ApproveForm",
    "AsOfForm",
    "BeginDraftForm",
    "DraftForms",
    "DryRunForm",
    "GiveBackForm",
    "GrantOverrideForm",
    "LadderForm",
    "RedateForm",
    "RefundForm",
    "RejectForm",
    "RevokeOverrideForm",
    "RuleForm",
    "TierForm",
    "UsePointsForm",
]
