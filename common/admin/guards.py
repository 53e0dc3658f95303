"""Guards as operators see them: what was held or let through, and who confirmed."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from common.models import GuardCheck

from .bases import ReadOnlyModelAdmin, action, display
from .columns import figures_text, guard_text
from .jobs import confirm, explanation_of, outcome_of


@admin.register(GuardCheck)
class GuardCheckAdmin(ReadOnlyModelAdmin):
    """Every word of every guard, newest first; what waits is confirmed on a form page."""

    list_display = ("named", "business_date", "figured", "outcome", "recorded_at")
    list_filter = ("holds",)
    list_select_related = ("confirmation",)
    fields = (
        ("named", "business_date"),
        "figured",
        ("outcome", "recorded_at"),
        "confirmed_figures",
    )
    readonly_fields = ("named", "figured", "outcome", "confirmed_figures")
    actions_detail = ("confirm",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[GuardCheck]:
        checks: QuerySet[GuardCheck] = super().get_queryset(request)
        return checks.select_related("confirmation")

    def has_confirm_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("common.add_guardconfirmation")

    def buttons_of(self, row: GuardCheck) -> Collection[str] | None:
        """A button only while the guard waits."""
        return None if GuardCheck.objects.waiting().filter(pk=row.pk).exists() else ()

    @action(
        description=_("Look and confirm"),
        url_path="confirm",
        permissions=["confirm"],
        icon="verified",
    )
    def confirm(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let go what the guard holds."""
        check = self.object_or_404(request, object_id)

        def perform(row: GuardCheck, data: dict[str, Any]) -> None:
            confirm(row, request)

        return self.form_page(
            request,
            object_id,
            title=_("Confirm"),
            explanation=explanation_of(check),
            perform=perform,
            success=_("Confirmed. The nights go on within a minute."),
        )

    @display(description=_("guard"))
    def named(self, check: GuardCheck) -> str:
        return guard_text(check.name)

    @display(description=_("figures"))
    def figured(self, check: GuardCheck) -> str:
        return figures_text(check.figures)

    @display(description=_("outcome"))
    def outcome(self, check: GuardCheck) -> SafeString:
        return outcome_of(check)

    @display(description=_("figures confirmed"))
    def confirmed_figures(self, check: GuardCheck) -> str | None:
        word = getattr(check, "confirmation", None)
        return figures_text(word.figures) if word else None
