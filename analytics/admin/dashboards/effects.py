"""What a change did, and what a benefit is worth."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.reports.changes import Compared, before_and_after
from analytics.reports.roi import (
    HELD_OUT,
    BenefitReturn,
    campaign_return,
    coupon_return,
    perk_return,
    reward_return,
)
from analytics.rules.roi import HIGH, LOW, STRONG, WEAK
from benefits.models import BirthdayPerk
from common import clock

from .panels import (
    DECIMAL,
    MONEY,
    NUMBER,
    SHARE,
    TEXT,
    Column,
    Measured,
    Page,
    Panel,
    Tile,
    span_text,
    written,
)


def change_page(asked: dict[str, Any]) -> Page:
    """The same number of days before a day and from it on."""
    yesterday = clock.today() - timedelta(days=1)
    found = before_and_after(asked["on"], asked["days"], yesterday=yesterday)
    notes = [
        _("Before: %(before)s. From the day on: %(after)s.")
        % {"before": span_text(found.before), "after": span_text(found.after)}
    ]
    if found.is_cut:
        text = _("Only %(days)s days are over since: both spans are that long.")
        notes.append(text % {"days": found.after.days})
    return Page(panels=[_compared(found.figures)], notes=notes)


def returns_page(asked: dict[str, Any]) -> Page:
    """What a benefit brought for what it cost."""
    found = _return_on(asked)
    if found is None:
        return Page(
            empty=_(
                "There is nothing to measure yet: nobody had this benefit so many days ago, or "
                "nobody of the segment was held out. Choose fewer days, or come back later."
            )
        )
    return Page(
        tiles=_return_tiles(found),
        panels=[_reckoning(found)],
        notes=[_method_of(found, asked), *_cost_of(asked)],
    )


def _return_on(asked: dict[str, Any]) -> BenefitReturn | None:
    today, days = clock.today(), asked["days"]
    other, hold_out = asked["other_cost"] or Decimal(0), asked["hold_out"]
    if reward := asked["reward"]:
        return reward_return(reward, today, days=days, other_cost=other)
    if perk := asked["perk"]:
        return perk_return(perk, today, days=days, other_cost=other)
    if campaign := asked["campaign"]:
        return campaign_return(campaign, today, days=days, hold_out=hold_out, other_cost=other)
    return coupon_return(asked["coupon"], today, days=days, hold_out=hold_out, other_cost=other)


def _compared(figures: list[Compared]) -> Panel:
    names = {
        "net_revenue": _("Net revenue of members"),
        "orders": _("Orders of members"),
        "order_value": _("Average order value"),
        "guest_revenue": _("Net revenue of guests"),
        "member_share": _("Members’ share of revenue"),
        "joined": _("New members"),
        "active": _("Active members in 30 days"),
        "points_issued": _("Points issued, net"),
        "points_spent": _("Points spent, net"),
        "coupons_used": _("Coupons used"),
    }
    kinds = {"money": MONEY, "share": SHARE, "number": NUMBER}
    return Panel(
        key="compared",
        title=_("Before and after"),
        columns=[
            Column(_("Figure"), TEXT),
            Column(pgettext("figures", "Before")),
            Column(pgettext("figures", "After")),
            Column(pgettext("figures", "Change"), SHARE),
        ],
        rows=[
            [
                names[one.name],
                Measured(one.before, kinds[one.unit]),
                Measured(one.after, kinds[one.unit]),
                one.change,
            ]
            for one in figures
        ],
        note=_("A difference is no proof: seasons and other offers count in both spans."),
        is_wide=True,
    )


def _return_tiles(found: BenefitReturn) -> list[Tile]:
    advice = {
        WEAK: _("Below %(low)s: look at whether it is worth it.") % {"low": LOW},
        STRONG: _("Above %(high)s: it pays well, give more of it.") % {"high": HIGH},
    }
    notes = [advice[found.advice]] if found.advice in advice else []
    look = {WEAK: "down", STRONG: "up"}.get(found.advice, "")
    return [
        Tile(_("Return on cost"), written(found.roi, DECIMAL), notes, look),
        Tile(_("Incremental revenue"), written(found.incremental, MONEY)),
        Tile(_("Cost"), written(found.cost, MONEY)),
    ]


def _reckoning(found: BenefitReturn) -> Panel:
    is_held_out = found.method == HELD_OUT
    return Panel(
        key="reckoning",
        title=_("How it is reckoned"),
        columns=[Column(_("What"), TEXT), Column(_("How much"))],
        rows=[
            [_("Members who had it"), found.members],
            [
                _("Members held out") if is_held_out else _("The same members before"),
                found.compared,
            ],
            [_("They spent, net"), Measured(found.spent, MONEY)],
            [
                _("By those held out they would have spent")
                if is_held_out
                else _("They spent before, net"),
                Measured(found.baseline, MONEY),
            ],
            [_("Incremental revenue"), Measured(found.incremental, MONEY)],
            [_("Cost"), Measured(found.cost, MONEY)],
            [_("Return on cost: (incremental − cost) / cost"), Measured(found.roi, DECIMAL)],
        ],
    )


def _method_of(found: BenefitReturn, asked: dict[str, Any]) -> str:
    """Against whom it was measured."""
    if found.method != HELD_OUT:
        return _(
            "Without members held out it is measured against the same members before: as many days "
            "from the day on which each first had it, and as many before. Who buys with it now may "
            "only have waited for it, so take it for an upper bound."
        )
    if asked["campaign"]:
        return _(
            "The members of the campaign’s own segments, whether they bought or not, against "
            "members of the segment held out, over the same days from the campaign’s first one. "
            "Who had points by it all the same, though held out, counts on neither side."
        )
    return _(
        "Against members of the segment who were given none, over the same days from the "
        "first coupon on. Members of it who were given one all the same count on neither "
        "side."
    )


def _cost_of(asked: dict[str, Any]) -> list[str]:
    """What counts as its cost, where that does not speak for itself."""
    perk, campaign = asked["perk"], asked["campaign"]
    if perk and perk.kind == BirthdayPerk.Kind.TIER:
        return [_("What a higher tier costs is not known here: name it among the other costs.")]
    if campaign or (perk and perk.kind != BirthdayPerk.Kind.COUPON):
        return [_("Its cost is what the points that it gave are worth at the programme’s rate.")]
    return []
