"""The dashboards: what each is called, what it asks and who builds it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from analytics.forms import AsOfForm, ChangeForm, PeriodForm, ReturnForm

from .effects import change_page, returns_page
from .events import events_page
from .health import health_page
from .holdings import points_page, tiers_page
from .members import lifecycle_page, quadrants_page
from .overview import growth_page, overview_page
from .panels import Page
from .selling import coupons_page, sales_page


@dataclass(frozen=True)
class Dashboard:
    """A page of figures; without a form it asks for nothing."""

    name: str
    title: str | Promise
    build: Callable[[dict[str, Any]], Page]
    form: type[forms.Form] | None = PeriodForm
    # Said where nothing has been asked yet.
    hint: str | Promise = ""


DASHBOARDS = {
    dashboard.name: dashboard
    for dashboard in (
        Dashboard("overview", _("Figures at a glance"), overview_page),
        Dashboard("growth", _("Growth and activity"), growth_page),
        Dashboard("lifecycle", _("Lifecycle"), lifecycle_page, AsOfForm),
        Dashboard("quadrants", _("Quadrants"), quadrants_page, None),
        Dashboard("health", _("Health"), health_page),
        Dashboard("tiers", _("Tiers"), tiers_page),
        Dashboard("points", _("Points economy"), points_page),
        Dashboard("coupons", _("Coupons"), coupons_page),
        Dashboard("events", pgettext_lazy("dashboard", "Events"), events_page),
        Dashboard("sales", _("Sales"), sales_page),
        Dashboard("change", _("Before and after a day"), change_page, ChangeForm),
        Dashboard(
            "returns",
            _("Return on benefits"),
            returns_page,
            ReturnForm,
            _(
                "Choose a coupon offer, a reward, a campaign or a birthday perk: what members "
                "spent more because of it, less its cost, for each unit of its cost. Against "
                "members who were held out where you name a segment of them, else against the "
                "same members before."
            ),
        ),
    )
}

__all__ = ["DASHBOARDS", "Dashboard", "Page"]
