"""The operators' pages: bases for every floor, and the job ledger."""

from .bases import (
    AdminPasswordChangeForm,
    ColourInput,
    LastingModelAdmin,
    ModelAdmin,
    ReadOnlyModelAdmin,
    ReadOnlyTabularInline,
    StackedInline,
    TabularInline,
    UserChangeForm,
    UserCreationForm,
    action,
    display,
    dress,
)
from .guards import GuardCheckAdmin
from .jobs import JobRunAdmin
from .proofs import LedgerProofAdmin

__all__ = [
    "AdminPasswordChangeForm",
    "ColourInput",
    "GuardCheckAdmin",
    "JobRunAdmin",
    "LastingModelAdmin",
    "LedgerProofAdmin",
    "ModelAdmin",
    "ReadOnlyModelAdmin",
    "ReadOnlyTabularInline",
    "StackedInline",
    "TabularInline",
    "UserChangeForm",
    "UserCreationForm",
    "action",
    "display",
    "dress",
]
