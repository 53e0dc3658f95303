"""The lifetime models as operators see them: parameters, predictions, and weeks against reality."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analytics.charts import weeks_chart
from analytics.models import LifetimeFit, LifetimeRefusal
from analytics.reports.lifetime import lifetime_totals, mean_spend
from common import clock
from common.admin import ReadOnlyModelAdmin, action, display
from common.csv_files import csv_response
from common.money import format_money
from common.numbers import format_decimals, format_number

RETURNING = ("r", "alpha", "a", "b")
SPENDING = ("p", "q", "gamma")


@admin.register(LifetimeFit)
class LifetimeFitAdmin(ReadOnlyModelAdmin):
    """Every fit there was, the latest first."""

    list_display = (
        "version",
        "business_date",
        "window_from",
        "calibration_end",
        "fitted_to",
        "came_back",
        "spent",
    )
    actions_list = ("value",)
    fields = (
        ("business_date", "window_from", "calibration_end"),
        ("fitted_to", "came_back", "fitted_at"),
    )
    change_form_before_template = "admin/analytics/lifetimefit/_fit.html"

    def has_value_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("analytics.view_lifetimefit")

    @action(
        description=_("Lifetime value"),
        url_path="value",
        permissions=["value"],
        icon="timeline",
    )
    def value(self, request: HttpRequest) -> HttpResponseBase:
        """What the latest fit says; with ?csv=weeks its weeks as a file."""
        today = clock.today()
        fit = LifetimeFit.objects.until(today).first()
        if fit and request.GET.get("csv") == "weeks":
            return _weeks_file(fit)
        refusal = LifetimeRefusal.objects.until(today).first()
        is_newer = refusal and (not fit or refusal.refused_at > fit.fitted_at)
        return self.page(
            request,
            "admin/analytics/lifetimefit/value.html",
            title=_("Lifetime value"),
            refusal=refusal if is_newer else None,
            fit_days=settings.LIFETIME_FIT_DAYS,
            **(_told(fit) if fit else {}),
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponseBase:
        """A fit's page, with its figures above."""
        fit = self.object_or_404(request, object_id) if object_id else None
        told = _told(fit) if fit else {}
        response: HttpResponse = super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **told}
        )
        return response

    @display(description=_("version"))
    def version(self, fit: LifetimeFit) -> str:
        return str(fit)

    @display(description=_("members fitted to"))
    def fitted_to(self, fit: LifetimeFit) -> str:
        return format_number(fit.customers)

    @display(description=_("of whom came back"))
    def came_back(self, fit: LifetimeFit) -> str:
        return format_number(fit.returned)

    @display(description=_("mean spend"))
    def spent(self, fit: LifetimeFit) -> str:
        return format_money(mean_spend(fit))


def _told(fit: LifetimeFit) -> dict[str, Any]:
    return {
        "fit": fit,
        "mean_spend": mean_spend(fit),
        "totals": lifetime_totals(fit),
        "horizon_days": settings.LIFETIME_HORIZON_DAYS,
        "returning": _parameters(fit, RETURNING, fit.log_likelihood),
        "spending": _parameters(fit, SPENDING, fit.spend_log_likelihood),
        "weeks": fit.weeks,
        "chart": weeks_chart(fit.weeks, actual=gettext("Actual"), expected=gettext("Expected")),
    }


def _parameters(
    fit: LifetimeFit, names: tuple[str, ...], log_likelihood: float
) -> list[tuple[str, str]]:
    """The letters of the papers, and how well they fit."""
    rows = [(name, format_decimals(getattr(fit, name), 4)) for name in names]
    return [*rows, (gettext("log-likelihood"), format_decimals(log_likelihood, 2))]


def _weeks_file(fit: LifetimeFit) -> HttpResponseBase:
    header = [gettext("Week"), gettext("Last day"), gettext("Actual"), gettext("Expected")]
    rows = [
        [
            week["number"],
            week["ends_on"],
            week["actual"],
            week["expected"],
            int(week["is_held_out"]),
        ]
        for week in fit.weeks
    ]
    name = f"lifetime-weeks-{fit.business_date.isoformat()}"
    return csv_response(name, [[*header, gettext("Held out")], *rows])
