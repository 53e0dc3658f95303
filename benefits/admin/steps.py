"""What became of a thing, step by step, below it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from common.admin import ReadOnlyTabularInline


class StepInline(ReadOnlyTabularInline):
    """What happened to it, when and by whom. Each page names its table of steps."""

    fields = ("status", "at", "operator", "note")
    readonly_fields = fields
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        steps: QuerySet[Any] = super().get_queryset(request)
        return steps.select_related("operator")
