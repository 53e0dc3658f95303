"""Members' figures of the latest night, and the figures of all members together."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.dates import WEEKDAYS
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from analytics.forms import figures_form
from analytics.models import MemberMetrics
from analytics.models.health import band_action, band_name
from analytics.suggestions import suggestions_for
from common import clock
from common.admin import action, display
from common.admin.columns import spoken_date
from common.csv_files import csv_response
from common.money import format_money
from common.numbers import format_decimals, format_number, format_share
from loyalty.admin.bases import MemberFactAdmin, link_to
from members.models import Member

from .daily import dashboard_tabs
from .figures import TABLES, cohort_rows, figures, rfm_rows


@admin.register(MemberMetrics)
class MemberMetricsAdmin(MemberFactAdmin):
    """Every member as of the latest night, the newest member first."""

    list_display = (
        "who",
        "last_purchase_on",
        "rfm_code",
        "spent",
        "coming",
        "worth",
        "health",
        "quadrant",
        "index",
    )
    list_filter = ("quadrant",)
    list_select_related = ("member", "health_version")
    actions_list = ("figures",)
    fields = (
        ("who", "business_date"),
        ("first_purchase_on", "last_purchase_on", "gone"),
        ("ordered", "purchase_days", "rfm_code"),
        ("spent", "spent_365", "spent_90"),
        ("coming", "leaving", "purchases", "worth", "by_fit"),
        ("health", "past", "quadrant", "of_warning", "index"),
        ("spending_score", "interaction_score", "behaviour_score", "by_version"),
        ("advice",),
        ("favours_hour", "favours_weekday", "favourite_store", "favourite_category"),
        ("visits_30", "check_ins_30", "reviews_30", "shares_30", "attended_30", "events_30"),
        ("visits_90", "check_ins_90", "reviews_90", "shares_90", "attended_90", "events_90"),
        ("interactions_30", "interactions_90", "last_interaction_on"),
    )

    def has_figures_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("analytics.view_membermetrics")

    @action(
        description=_("Figures"), url_path="figures", permissions=["figures"], icon="monitoring"
    )
    def figures(self, request: HttpRequest) -> HttpResponseBase:
        """Repurchase, bands, RFM, top spend and cohorts as of a day; with ?csv=NAME as a file."""
        form = figures_form(request.GET)
        context: dict[str, Any] = {}
        if form.is_valid():
            day = form.cleaned_data["on"]
            if table := TABLES.get(request.GET.get("csv", "")):
                return csv_response(f"{table.name}-{day.isoformat()}", table.rows(day))
            found = figures(day)
            is_shares = form.cleaned_data["cohorts"] == "shares"
            context = {
                "on": day,
                "figures": found,
                "rfm": rfm_rows(found.rfm),
                "cohorts": cohort_rows(found.cohorts, is_shares=is_shares),
                "cohorts_file": "cohort_shares" if is_shares else "cohorts",
            }
        return self.page(
            request,
            "admin/analytics/membermetrics/figures.html",
            title=_("Figures"),
            form=form,
            tabs=dashboard_tabs("figures", request),
            **context,
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.suggestions)
        name = "analytics_membermetrics_suggestions"
        return [path("suggestions/<int:pk>/", view, name=name), *super().get_urls()]

    def suggestions(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """What to suggest to a member, and why: for whoever may see members."""
        if not request.user.has_perm("members.view_member"):
            raise PermissionDenied
        member = get_object_or_404(Member, pk=pk)
        return self.page(
            request,
            "admin/analytics/membermetrics/suggestions.html",
            title=_("What to suggest"),
            member=member,
            suggested=suggestions_for(member, clock.now()),
        )

    @display(description=_("member"))
    def who(self, metrics: MemberMetrics) -> SafeString | None:
        return link_to(metrics.member)

    @display(description=_("days ago"))
    def gone(self, metrics: MemberMetrics) -> str | None:
        days = metrics.recency_days
        return None if days is None else format_number(days)

    @display(description=_("RFM"))
    def rfm_code(self, metrics: MemberMetrics) -> str | None:
        return metrics.rfm

    @display(description=_("orders"))
    def ordered(self, metrics: MemberMetrics) -> str:
        return format_number(metrics.orders)

    @display(description=_("net spend"))
    def spent(self, metrics: MemberMetrics) -> str:
        return format_money(metrics.money)

    @display(description=_("net spend of 365 days"))
    def spent_365(self, metrics: MemberMetrics) -> str:
        return format_money(metrics.money_365)

    @display(description=_("net spend of 90 days"))
    def spent_90(self, metrics: MemberMetrics) -> str:
        return format_money(metrics.money_90)

    @display(description=_("chance to come again"))
    def coming(self, metrics: MemberMetrics) -> str | None:
        return None if metrics.alive is None else format_share(metrics.alive)

    @display(description=_("expected purchases"))
    def purchases(self, metrics: MemberMetrics) -> str | None:
        expected = metrics.expected_purchases
        return None if expected is None else format_decimals(expected, 1)

    @display(description=_("predicted value"))
    def worth(self, metrics: MemberMetrics) -> str | None:
        value = metrics.predicted_value
        return None if value is None else format_money(value)

    @display(description=_("churn probability"))
    def leaving(self, metrics: MemberMetrics) -> str | None:
        return None if metrics.churn is None else format_share(metrics.churn)

    @display(description=_("health"))
    def health(self, metrics: MemberMetrics) -> str:
        return f"{metrics.health_score} · {band_name(metrics.health_band)}"

    @display(description=_("health score before"))
    def past(self, metrics: MemberMetrics) -> str | None:
        if metrics.past_score is None or metrics.past_on is None:
            return None
        return f"{metrics.past_score} · {spoken_date(metrics.past_on)}"

    @display(description=_("advised action"))
    def advice(self, metrics: MemberMetrics) -> str:
        return band_action(metrics.health_band)

    @display(description=_("warning level"))
    def of_warning(self, metrics: MemberMetrics) -> SafeString | None:
        return link_to(metrics.warning)

    @display(description=_("Loyalty Index"))
    def index(self, metrics: MemberMetrics) -> str | None:
        found = metrics.loyalty_index
        return None if found is None else format_decimals(found, 1)

    @display(description=_("version of the health score"))
    def by_version(self, metrics: MemberMetrics) -> SafeString | None:
        return link_to(metrics.health_version)

    @display(description=_("favourite hour"))
    def favours_hour(self, metrics: MemberMetrics) -> str | None:
        hour = metrics.favourite_hour
        return None if hour is None else f"{hour:02}:00–{hour:02}:59"

    @display(description=_("favourite weekday"))
    def favours_weekday(self, metrics: MemberMetrics) -> str | None:
        day = metrics.favourite_weekday
        return None if day is None else str(WEEKDAYS[day])

    @display(description=_("lifetime fit"))
    def by_fit(self, metrics: MemberMetrics) -> SafeString | None:
        return link_to(metrics.fit)
