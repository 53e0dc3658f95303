"""Sales by whom, when, where and what; and what became of coupons."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.charts import MONEY as MONEY_UNIT
from analytics.charts import Series, funnel, heat, ranked
from analytics.models import DailySales
from analytics.reports.coupons import CouponFunnel, all_coupons, coupon_funnels
from analytics.reports.daily import Sums, parts_of, sums_of
from analytics.reports.sales import SalesRow, sales_by, sales_by_hour
from analytics.rules.periods import Period

from .overview import revenue_panel
from .panels import MONEY, NUMBER, SHARE, TEXT, Column, Page, Panel

# No chart has more bars to the right; the table has all.
MOST_BARS = 12
HOURS = range(24)
DAYS = range(7)


def sales_page(asked: dict[str, Any]) -> Page:
    """Members against guests, hours, stores, channels and categories."""
    period: Period = asked["period"]
    sums, orders = sums_of(period), sales_by_hour(period)
    if not sums.orders and not sums.guest_orders and not orders:
        return Page(empty=_("Nothing was sold in these days, as far as nights have told."))
    return Page(
        panels=[
            _members_and_guests(sums),
            revenue_panel(parts_of(period)),
            _hours(orders),
            _sorted(DailySales.By.STORE, _("By store"), period),
            _sorted(DailySales.By.CATEGORY, _("By category"), period),
            _sorted(DailySales.By.CHANNEL, _("By channel"), period),
        ]
    )


def coupons_page(asked: dict[str, Any]) -> Page:
    """What became of the coupons given out in a period."""
    funnels = coupon_funnels(asked["period"])
    if not funnels:
        return Page(empty=_("No coupons were given out in these days."))
    whole = all_coupons(funnels)
    return Page(panels=[_coupon_steps(whole), _offers(funnels)])


def _members_and_guests(sums: Sums) -> Panel:
    whole = sums.net_revenue + sums.guest_revenue
    return Panel(
        key="who",
        title=_("Members and guests"),
        columns=[
            Column(_("Who"), TEXT),
            Column(_("Orders")),
            Column(_("Net revenue"), MONEY),
            Column(pgettext("part of a whole", "Share"), SHARE),
            Column(_("Average order value"), MONEY),
            Column(pgettext("figures", "Given back"), MONEY),
        ],
        rows=[
            [
                _("Members"),
                sums.orders,
                sums.net_revenue,
                sums.net_revenue / whole if whole else None,
                sums.order_value,
                sums.refunded,
            ],
            [
                _("Guests"),
                sums.guest_orders,
                sums.guest_revenue,
                sums.guest_revenue / whole if whole else None,
                sums.guest_order_value,
                sums.guest_refunded,
            ],
        ],
        is_wide=True,
    )


def _hours(orders: dict[tuple[int, int], int]) -> Panel:
    cells = [[orders.get((day, hour), 0) for hour in HOURS] for day in DAYS]
    names = [str(WEEKDAYS_ABBR[day]) for day in DAYS]
    return Panel(
        key="hours",
        title=_("Purchases by weekday and hour"),
        columns=[Column(_("Weekday"), TEXT), *(Column(str(hour)) for hour in HOURS)],
        rows=[[name, *row] for name, row in zip(names, cells, strict=True)],
        chart=heat([str(hour) for hour in HOURS], names, cells),
        note=_("By the clock of the programme’s zone; guests’ purchases too."),
        is_wide=True,
    )


def _sorted(by: str, title: str, period: Period) -> Panel:
    rows = sales_by(by, period)
    names = [row.name or _("none named") for row in rows]
    return Panel(
        key=by,
        title=title,
        columns=[
            Column(str(DailySales.By(by).label), TEXT),
            Column(_("Orders")),
            Column(_("Net revenue"), MONEY),
            Column(pgettext("part of a whole", "Share"), SHARE),
            Column(_("Members’ part"), MONEY),
            Column(_("Period before"), MONEY),
        ],
        rows=[
            [name, row.orders, row.amount, row.share, row.member_amount, row.before]
            for name, row in zip(names, rows, strict=True)
        ],
        chart=_bars(names, rows) if len(rows) > 1 else None,
        note=_("By what the lines of purchases came to, after coupons and before points.")
        if by == DailySales.By.CATEGORY
        else "",
        empty=_("Nothing was sold in these days."),
        is_wide=True,
    )


def _bars(names: Sequence[str], rows: Sequence[SalesRow]) -> Any:
    shown = rows[:MOST_BARS]
    series = [
        Series(_("Now"), [row.amount for row in shown]),
        Series(_("Period before"), [row.before for row in shown]),
    ]
    return ranked(names[:MOST_BARS], series, MONEY_UNIT)


def _coupon_steps(whole: CouponFunnel) -> Panel:
    steps = [
        (_("Given out"), whole.issued),
        (_("Held by members"), whole.held),
        (_("Used"), whole.used),
    ]
    ends = [
        (pgettext("coupon", "Expired"), whole.expired),
        (pgettext("coupon", "Withdrawn"), whole.voided),
    ]
    return Panel(
        key="steps",
        title=_("What became of coupons"),
        columns=[
            Column(_("Coupons"), TEXT),
            Column(pgettext("figures", "Number")),
            Column(pgettext("part of a whole", "Share"), SHARE),
        ],
        rows=[
            [name, number, Decimal(number) / whole.issued if whole.issued else None]
            for name, number in (*steps, *ends)
        ],
        chart=funnel(steps),
        note=_("Of the coupons given out in the period, whenever they were used."),
    )


def _offers(funnels: Sequence[CouponFunnel]) -> Panel:
    return Panel(
        key="offers",
        title=_("By offer"),
        columns=[
            Column(_("Offer"), TEXT),
            Column(_("Given out"), NUMBER),
            Column(_("Held by members")),
            Column(_("Used")),
            Column(_("Used of those held"), SHARE),
            Column(pgettext("coupon", "Expired")),
            Column(pgettext("coupon", "Withdrawn")),
            Column(_("Discount"), MONEY),
            Column(_("Paid with them"), MONEY),
        ],
        rows=[
            [
                one.template.name if one.template else "",
                one.issued,
                one.held,
                one.used,
                one.used_share,
                one.expired,
                one.voided,
                one.discount,
                one.revenue,
            ]
            for one in funnels
        ],
        is_wide=True,
    )
