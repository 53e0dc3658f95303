"""Versions of the health score: looked at, previewed over all members, applied."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analytics.health_forms import CHAPTERS, HealthForms
from analytics.models import HealthVersion, MemberMetrics
from analytics.models.health import band_action, band_name, rules_of
from analytics.rules.health import MONEY_RULES, HealthRules
from analytics.services.health import HealthMoves, apply_health, preview_health
from common.admin import ReadOnlyModelAdmin, action, dress
from common.errors import DomainError
from common.forms import add_domain_error
from common.money import format_money
from common.numbers import format_number
from members.models import User

Row = tuple[str, list[tuple[int, bool]]]


@admin.register(HealthVersion)
class HealthVersionAdmin(ReadOnlyModelAdmin):
    """Every version, the one in force first."""

    list_display = ("__str__", "applied_at", "reason", "operator")
    list_select_related = ("operator",)
    actions_list = ("edit",)
    change_form_before_template = "admin/analytics/healthversion/overview.html"
    fields = ("reason", ("operator", "applied_at"))

    def has_edit_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("analytics.add_healthversion")

    def context_of(self, request: HttpRequest, row: HealthVersion) -> dict[str, Any]:
        """All that a version says."""
        return overview_of(row.rules)

    @action(description=_("Change weights"), url_path="edit", permissions=["edit"], icon="edit")
    def edit(self, request: HttpRequest) -> HttpResponse:
        """All weights and thresholds; then who would move; then, confirmed, a new version."""
        typed = request.POST if request.method == "POST" else None
        forms = HealthForms(rules_of(HealthVersion.objects.latest_version()), typed)
        moves: HealthMoves | None = None
        if typed and "change" not in typed and forms.is_valid():
            if "apply" in typed:
                try:
                    return self._applied(request, forms)
                except DomainError as error:
                    add_domain_error(forms.form, error)
            else:
                moves = preview_health(forms.rules)
        for band in forms.bands:
            dress(band)
        return self.page(
            request,
            "admin/analytics/healthversion/edit.html",
            title=_("Change weights"),
            form=forms.form,
            bands=forms.bands,
            moves=moves,
            tables=tables_of(moves, forms.rules) if moves else None,
            back=reverse("admin:analytics_healthversion_changelist"),
        )

    def _applied(self, request: HttpRequest, forms: HealthForms) -> HttpResponse:
        asked = forms.form.cleaned_data
        version = apply_health(
            rules=forms.rules,
            reason=asked["reason"],
            operator=cast(User, request.user),
            key=asked["key"],
        )
        messages.success(
            request,
            gettext("The version is in force. Workers judge everybody by it within minutes."),
        )
        return HttpResponseRedirect(
            reverse("admin:analytics_healthversion_change", args=[version.pk])
        )


def tables_of(moves: HealthMoves, rules: HealthRules) -> dict[str, Any]:
    """Members by band and by quadrant: where they are, down, and where they would be, across."""
    old = [band_name(band) for band in rules_of(HealthVersion.objects.latest_version()).bands]
    new = [band_name(band) for band in rules.bands]
    quadrants = MemberMetrics.Quadrant.choices
    names = [str(name) for _code, name in quadrants]
    return {
        "band_columns": new,
        "bands": _rows(old, [[moves.bands[row, column] for column in range(len(new))]
                             for row in range(len(old))]),
        "quadrant_columns": names,
        "quadrants": _rows(
            names,
            [[moves.quadrants[row, column] for column, _ in quadrants] for row, _ in quadrants],
        ),
    }  # fmt: skip


def _rows(names: Sequence[str], counts: Sequence[Sequence[int]]) -> list[Row]:
    """Each count with whether it stands on the diagonal: who stays."""
    return [
        (name, [(count, place == number) for place, count in enumerate(row)])
        for number, (name, row) in enumerate(zip(names, counts, strict=True))
    ]


def overview_of(rules: HealthRules) -> dict[str, Any]:
    """What a version says, for its page."""
    return {
        "chapters": [
            (heading, [(label, _shown(name, rules)) for name, label in names.items()])
            for heading, names in CHAPTERS
        ],
        "bands": [
            (format_number(band.from_score), band_name(band), band_action(band))
            for band in rules.bands
        ],
    }


def _shown(name: str, rules: HealthRules) -> str:
    value = getattr(rules, name)
    return format_money(value) if name in MONEY_RULES else format_number(value)
