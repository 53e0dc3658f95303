"""The days' figures: their list, the dashboards that add them up, and the targets."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from analytics.forms import AsOfForm, ChangeForm, PeriodForm, presets
from analytics.models import DailyFigure, MemberMetrics, Target
from analytics.reports.quadrants import metrics_night, quadrant_members
from common import clock
from common.admin import ModelAdmin, ReadOnlyModelAdmin, action, display
from common.csv_files import csv_response
from common.money import format_money

from .dashboards import DASHBOARDS, Dashboard, Page
from .dashboards.members import quadrant_meaning, quadrant_name

DEFAULT_PERIOD = "30d"
# A page of a quadrant's members; its file holds more, as much as a spreadsheet is for.
MEMBERS_A_PAGE = 50
MOST_IN_A_FILE = 10_000

PRESET_NAMES = {
    "7d": _("7 days"),
    "30d": _("30 days"),
    "90d": _("90 days"),
    "month": _("This month"),
    "last_month": _("Last month"),
    "year": _("This year"),
    "365d": _("365 days"),
}


@admin.register(DailyFigure)
class DailyFigureAdmin(ReadOnlyModelAdmin):
    """Every day's figures, the latest first; and the dashboards."""

    list_display = (
        "business_date",
        "joined",
        "active_members_30",
        "orders",
        "net",
        "points_earned",
        "points_redeemed",
        "points_expired",
        "computed_at",
    )
    actions_list = ("dashboards",)
    fields = (
        ("business_date", "computed_at"),
        ("joined", "active_members", "active_members_30"),
        ("buyers", "orders", "amount", "refunded"),
        ("guest_orders", "guest_amount", "guest_refunded"),
        ("discount", "paid_by_points"),
        ("points_earned", "points_clawed_back", "points_redeemed"),
        ("points_restored", "points_expired", "points_adjusted", "points_forfeited"),
        ("coupons_issued", "coupons_used"),
    )

    def has_dashboards_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("analytics.view_dailyfigure")

    @action(
        description=_("Dashboards"),
        url_path="dashboards",
        permissions=["dashboards"],
        icon="monitoring",
    )
    def dashboards(self, request: HttpRequest) -> HttpResponseBase:
        """The first dashboard."""
        return self.dashboard(request, next(iter(DASHBOARDS)))

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "dashboards/<slug:name>/",
                self.admin_site.admin_view(self.dashboard),
                name="analytics_dailyfigure_dashboard",
            ),
            path(
                "dashboards/quadrants/<slug:name>/",
                self.admin_site.admin_view(self.quadrant),
                name="analytics_dailyfigure_quadrant",
            ),
            *super().get_urls(),
        ]

    def dashboard(self, request: HttpRequest, name: str) -> HttpResponseBase:
        """One dashboard for what its address asks; with ?csv=KEY one of its tables as a file."""
        self.check_may_view(request)
        if name not in DASHBOARDS:
            raise Http404
        dashboard = DASHBOARDS[name]
        form = _form_of(dashboard, request.GET)
        page = _built(dashboard, form)
        panel = page.panel(request.GET.get("csv", "")) if page else None
        if panel:
            return csv_response(f"{name}-{panel.key}", panel.file())
        if form is not None and not _is_asked(dashboard, request.GET):
            # Nothing is wrong with what nobody has filled in yet.
            form = _unbound(dashboard, request.GET)
        return self._page(
            request,
            name,
            title=dashboard.title,
            form=form,
            board=page,
            hint=dashboard.hint if page is None and not _is_asked(dashboard, request.GET) else "",
            query=_query_of(request.GET),
            presets=_presets(request.GET) if dashboard.form is PeriodForm else [],
        )

    def quadrant(self, request: HttpRequest, name: str) -> HttpResponseBase:
        """The members of one quadrant, 50 a page; with ?csv=members as a file.

        They are told by name: for whoever may see members' figures.
        """
        if not request.user.has_perm("analytics.view_membermetrics"):
            raise PermissionDenied
        night = metrics_night()
        if name not in MemberMetrics.Quadrant or night is None:
            raise Http404
        if request.GET.get("csv") == "members":
            found = quadrant_members(name, limit=MOST_IN_A_FILE)
            header = [_("Customer number"), _("Card"), _("Interactions of 30 days"), _("Net spend")]
            rows = (
                [one.member.external_number, one.member.card_number, one.interactions, one.amount]
                for one in found
            )
            return csv_response(f"quadrant-{name}", [[str(title) for title in header], *rows])
        start = _whole(request.GET.get("from", ""))
        found = quadrant_members(name, offset=start, limit=MEMBERS_A_PAGE + 1)
        return self._page(
            request,
            "quadrants",
            template="quadrant",
            title=quadrant_name(name),
            meaning=quadrant_meaning(name),
            members=found[:MEMBERS_A_PAGE],
            following=start + MEMBERS_A_PAGE if len(found) > MEMBERS_A_PAGE else None,
            earlier=max(0, start - MEMBERS_A_PAGE) if start else None,
            night=night,
        )

    @display(description=_("net revenue"))
    def net(self, figures: DailyFigure) -> str:
        return format_money(figures.amount - figures.refunded)

    def _page(
        self, request: HttpRequest, name: str, *, template: str = "dashboard", **context: Any
    ) -> HttpResponse:
        return self.page(
            request,
            f"admin/analytics/dailyfigure/{template}.html",
            tabs=dashboard_tabs(name, request),
            **context,
        )


@admin.register(Target)
class TargetAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    """What the figures of each month should be; edited here, shown on the dashboards.

    No fact names a target: one that was a mistake may go.
    """

    list_display = ("kpi", "month_text", "goal")
    list_filter = ("kpi",)
    fields = ("kpi", ("year", "month"), "goal")

    @display(description=_("month"))
    def month_text(self, target: Target) -> str:
        return f"{target.year}-{target.month:02}"


def dashboard_tabs(current: str, request: HttpRequest) -> list[dict[str, Any]]:
    """The way from each dashboard to the others, of those that this operator may see."""
    tabs: list[dict[str, Any]] = [
        {
            "title": dashboard.title,
            "url": reverse("admin:analytics_dailyfigure_dashboard", args=[dashboard.name]),
            "is_current": dashboard.name == current,
        }
        for dashboard in DASHBOARDS.values()
    ]
    figures = {
        "title": _("Repurchase, RFM, cohorts"),
        "url": reverse("admin:analytics_membermetrics_figures"),
        "is_current": current == "figures",
    }
    found = tabs if request.user.has_perm("analytics.view_dailyfigure") else []
    if request.user.has_perm("analytics.view_membermetrics"):
        found = [*found[:3], figures, *found[3:]]
    return found


def _built(dashboard: Dashboard, form: forms.Form | None) -> Page | None:
    """What it shows; None where it was asked for nothing that it can show."""
    if form is None:
        return dashboard.build({})
    return dashboard.build(form.cleaned_data) if form.is_valid() else None


def _form_of(dashboard: Dashboard, data: QueryDict) -> forms.Form | None:
    """The form with what the address asks for, or with what is asked for most."""
    if dashboard.form is None:
        return None
    return dashboard.form(data if _is_asked(dashboard, data) else _usual(dashboard, data))


def _is_asked(dashboard: Dashboard, data: QueryDict) -> bool:
    return dashboard.form is not None and bool(set(dashboard.form.base_fields) & set(data))


def _usual(dashboard: Dashboard, data: QueryDict) -> dict[str, Any]:
    today = clock.today()
    if dashboard.form is PeriodForm:
        known = presets(today)
        period = known.get(data.get("period", ""), known[DEFAULT_PERIOD])
        return {"first": period.first, "last": period.last}
    if dashboard.form is AsOfForm:
        return {"on": today}
    if dashboard.form is ChangeForm:
        return {"on": today - timedelta(days=30), "days": 30}
    return {}


def _unbound(dashboard: Dashboard, data: QueryDict) -> forms.Form | None:
    return None if dashboard.form is None else dashboard.form(initial=_usual(dashboard, data))


def _presets(data: QueryDict) -> Sequence[dict[str, Any]]:
    """Links to the usual periods."""
    chosen = "" if "first" in data else data.get("period", DEFAULT_PERIOD)
    return [
        {"title": PRESET_NAMES[name], "query": f"?period={name}", "is_current": name == chosen}
        for name in presets(clock.today())
    ]


def _query_of(data: QueryDict) -> str:
    """What the address asks, for the links to files."""
    return urlencode([(name, value) for name, value in data.items() if name != "csv"])


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0
