"""The programme at a glance, and who joins and is active."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.charts import MONEY as MONEY_UNIT
from analytics.charts import Series, over_time
from analytics.models import Kpi
from analytics.reports.daily import Part, parts_of, sums_of
from analytics.reports.growth import GrowthPart, growth
from analytics.reports.overview import MONEY as AMOUNT
from analytics.reports.overview import SHARE as RATE
from analytics.reports.overview import KpiFigure, kpis
from analytics.rules.periods import Period
from common.numbers import format_share

from .panels import (
    MONEY,
    NUMBER,
    SHARE,
    TEXT,
    Column,
    Measured,
    Page,
    Panel,
    Tile,
    change_text,
    period_text,
    short_text,
    written,
)


def overview_page(asked: dict[str, Any]) -> Page:
    """Every figure with a target, and revenue over time."""
    period: Period = asked["period"]
    figures, parts = kpis(period), parts_of(period)
    return Page(
        tiles=[_tile(figure) for figure in figures],
        panels=[_figures(figures), revenue_panel(parts)],
        links=[(_("Targets"), reverse("admin:analytics_target_changelist"))],
        empty="" if has_anything(period) else _nothing(),
    )


def growth_page(asked: dict[str, Any]) -> Page:
    """Members joined, active and buying, over time."""
    period: Period = asked["period"]
    parts = growth(period)
    return Page(
        panels=[_growth(parts), _activity(parts)],
        empty="" if has_anything(period) else _nothing(),
    )


def has_anything(period: Period) -> bool:
    """Whether any day of it has figures with something in them."""
    sums = sums_of(period)
    return bool(
        sums.joined
        or sums.active_30
        or sums.orders
        or sums.guest_orders
        or sums.refunded
        or sums.points_earned
        or sums.points_expired
    )


def revenue_panel(parts: Sequence[Part]) -> Panel:
    """Net revenue of members and guests over time."""
    labels = [short_text(part.period) for part in parts]
    rows = [
        [
            part.period,
            part.sums.net_revenue,
            part.sums.orders,
            part.sums.order_value,
            part.sums.guest_revenue,
            part.sums.guest_orders,
            part.sums.guest_order_value,
            part.sums.member_share,
        ]
        for part in parts
    ]
    series = [
        Series(_("Members"), [part.sums.net_revenue for part in parts], stack="revenue"),
        Series(_("Guests"), [part.sums.guest_revenue for part in parts], stack="revenue"),
    ]
    return Panel(
        key="revenue",
        title=_("Net revenue"),
        columns=[
            Column(pgettext("figures", "Period"), TEXT),
            Column(_("Members"), MONEY),
            Column(_("Orders")),
            Column(_("Average order value"), MONEY),
            Column(_("Guests"), MONEY),
            Column(_("Orders of guests")),
            Column(_("Average order value of guests"), MONEY),
            Column(_("Members’ share"), SHARE),
        ],
        rows=rows,
        chart=over_time(labels, series, MONEY_UNIT),
        note=_("What was paid less what was given back, each on its own day."),
        is_wide=True,
    )


def _nothing() -> str:
    return _(
        "There is nothing to show for these days. Figures are made by nights: the first one after "
        "a purchase makes them for all days before."
    )


def _tile(figure: KpiFigure) -> Tile:
    change = figure.change
    notes = [change_text(change)] if change is not None else []
    if figure.reached is not None:
        told = {
            "share": format_share(figure.reached),
            "goal": written(figure.goal, _kind(figure)),
        }
        notes.append(_("%(share)s of the target of %(goal)s") % told)
    # More given back is neither good nor bad by itself.
    is_plain = not change or figure.kpi == Kpi.GIVE_BACK
    look = "" if is_plain or change is None else "up" if change > 0 else "down"
    return Tile(str(figure.kpi.label), written(figure.now, _kind(figure)), notes, look)


def _figures(figures: Sequence[KpiFigure]) -> Panel:
    def shown(figure: KpiFigure, value: Decimal | None) -> Measured:
        return Measured(value, _kind(figure))

    return Panel(
        key="figures",
        title=_("Figures against targets and the period before"),
        columns=[
            Column(_("Figure"), TEXT),
            Column(_("Now")),
            Column(pgettext("figures", "Before")),
            Column(pgettext("figures", "Change"), SHARE),
            Column(_("Target")),
            Column(_("Reached"), SHARE),
        ],
        rows=[
            [
                str(figure.kpi.label),
                shown(figure, figure.now),
                shown(figure, figure.before),
                figure.change,
                shown(figure, figure.goal),
                figure.reached,
            ]
            for figure in figures
        ],
        note=_(
            "Members only, but for their share of revenue. The repurchase rate is of everyone who "
            "had bought by the end of the period; active members are those of its last 30 days."
        ),
        is_wide=True,
    )


def _kind(figure: KpiFigure) -> str:
    return {AMOUNT: MONEY, RATE: SHARE}.get(figure.unit, NUMBER)


def _growth(parts: Sequence[GrowthPart]) -> Panel:
    labels = [short_text(part.period) for part in parts]
    series = [
        Series(_("Joined"), [part.joined for part in parts]),
        Series(_("Members"), [part.members for part in parts], kind="line", is_right=True),
    ]
    return Panel(
        key="growth",
        title=_("Members"),
        columns=[
            Column(pgettext("figures", "Period"), TEXT),
            Column(_("Joined")),
            Column(_("Members")),
        ],
        rows=[[period_text(part.period), part.joined, part.members] for part in parts],
        chart=over_time(labels, series),
        note=_("Joined in the period, and all who had joined by its end."),
        is_wide=True,
    )


def _activity(parts: Sequence[GrowthPart]) -> Panel:
    labels = [short_text(part.period) for part in parts]
    series = [
        Series(_("First purchases"), [part.first_buyers for part in parts]),
        Series(
            _("Active in 30 days"), [part.active_30 for part in parts], kind="line", is_right=True
        ),
    ]
    return Panel(
        key="activity",
        title=_("Who is active"),
        columns=[
            Column(pgettext("figures", "Period"), TEXT),
            Column(_("First purchases")),
            Column(_("Orders")),
            Column(_("Active in 30 days")),
        ],
        rows=[
            [period_text(part.period), part.first_buyers, part.orders, part.active_30]
            for part in parts
        ],
        chart=over_time(labels, series),
        note=_(
            "A member is active by a purchase, an activity such as a check-in, or a visit to the "
            "portal, for 30 days; counted as of the end of each period."
        ),
        is_wide=True,
    )
