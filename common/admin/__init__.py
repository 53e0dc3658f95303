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
)
from .jobs import JobRunAdmin

__all__ = [
    "AdminPasswordChangeForm",
    "ColourInput",
    "JobRunAdmin",
    "LastingModelAdmin",
    "ModelAdmin",
    "ReadOnlyModelAdmin",
    "ReadOnlyTabularInline",
    "StackedInline",
    "TabularInline",
    "UserChangeForm",
    "UserCreationForm",
    "action",
    "display",
]
