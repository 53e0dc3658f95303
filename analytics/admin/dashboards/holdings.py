"""Tiers and points: where members stand, and what they are owed."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.charts import Series, flows, over_time, ranked
from analytics.reports.daily import Part, Sums
from analytics.reports.points import PointsEconomy, points_economy
from analytics.reports.tiers import Rung, TierMove, tier_moves, tier_pyramid
from analytics.rules.periods import Period
from common import clock
from common.money import format_money
from common.numbers import format_number, format_share

from .panels import SHARE, TEXT, Column, Page, Panel, Tile, period_text, short_text


def tiers_page(asked: dict[str, Any]) -> Page:
    """The pyramid of now, and the moves of a period."""
    period: Period = asked["period"]
    rungs, moves = tier_pyramid(), tier_moves(period)
    if not any(rung.members for rung in rungs):
        return Page(empty=_("No member has been reviewed yet: the first night does it."))
    return Page(panels=[_pyramid(rungs), _moves(moves)])


def points_page(asked: dict[str, Any]) -> Page:
    """What came in, went out, is owed, and will never be spent."""
    period: Period = asked["period"]
    found = points_economy(period, clock.now())
    return Page(
        tiles=_points_tiles(found),
        panels=[_flows(found.parts), _expiring(found)],
        links=[(_("Forecast"), reverse("admin:loyalty_pointslot_forecast"))],
    )


def _pyramid(rungs: Sequence[Rung]) -> Panel:
    names = [rung.tier.name for rung in rungs]
    return Panel(
        key="pyramid",
        title=_("Members by tier, now"),
        columns=[Column(_("Tier"), TEXT), Column(_("Members")), Column(_("Of all"), SHARE)],
        rows=[[rung.tier.name, rung.members, rung.share] for rung in rungs],
        chart=ranked(names, [Series(_("Members"), [rung.members for rung in rungs])]),
        note=_("The tier that members have earned; overrides are left out."),
        links={
            number: f"{reverse('admin:members_member_changelist')}"
            f"?standing__tier__id__exact={rung.tier.pk}"
            for number, rung in enumerate(rungs)
        },
    )


def _moves(moves: Sequence[TierMove]) -> Panel:
    begun = [move for move in moves if move.from_tier]
    left = {move.from_tier.rank: move.from_tier.name for move in begun if move.from_tier}
    right = {move.to_tier.rank: move.to_tier.name for move in begun}
    drawn = [
        (move.from_tier.name, move.to_tier.name, move.moves) for move in begun if move.from_tier
    ]
    return Panel(
        key="moves",
        title=_("Moves between tiers"),
        columns=[
            Column(_("From"), TEXT),
            Column(_("To"), TEXT),
            Column(_("Way"), TEXT),
            Column(_("Moves")),
        ],
        rows=[
            [
                move.from_tier.name if move.from_tier else _("first review"),
                move.to_tier.name,
                _way(move),
                move.moves,
            ]
            for move in moves
        ],
        chart=flows(
            [left[rank] for rank in sorted(left, reverse=True)],
            [right[rank] for rank in sorted(right, reverse=True)],
            drawn,
        )
        if drawn
        else None,
        note=_("Moves and retentions of the period; a member may move more than once."),
        empty=_("Nobody moved in these days."),
    )


def _way(move: TierMove) -> str:
    if move.from_tier is None:
        return _("first review")
    if move.is_kept:
        return _("kept")
    return _("up") if move.is_up else _("down")


def _points_tiles(found: PointsEconomy) -> list[Tile]:
    owed, breakage = found.owed, found.breakage
    rate = "–" if breakage.rate is None else format_share(breakage.rate)
    return [
        Tile(
            _("Outstanding at the end"),
            format_number(found.outstanding),
            [_("points, less what members owe")],
        ),
        Tile(
            _("Liability now"),
            format_money(owed.amount),
            [
                _("%(points)s points at the rates of members’ tiers")
                % {"points": format_number(owed.points)}
            ],
        ),
        Tile(
            _("Breakage"),
            rate,
            [
                _("of the points that ended in 365 days had expired"),
                _("at that rate %(points)s points of now will, worth %(amount)s")
                % {
                    "points": format_number(breakage.points),
                    "amount": format_money(breakage.amount),
                },
            ],
        ),
        Tile(
            _("Give-back of revenue"),
            "–" if found.give_back is None else format_share(found.give_back),
            [_("points spent and coupons, of members’ net revenue")],
        ),
        Tile(
            _("Redemption rate"),
            "–" if found.sums.redemption is None else format_share(found.sums.redemption),
            [_("points spent for points issued, net")],
        ),
    ]


def _flows(parts: Sequence[Part]) -> Panel:
    sums = [part.sums for part in parts]
    names = (
        _("Earned"),
        _("Taken back"),
        _("Redeemed"),
        _("Given back"),
        _("Expired"),
        _("Adjusted"),
        _("Forfeited"),
    )
    return Panel(
        key="flows",
        title=_("Points in and out"),
        columns=[
            Column(pgettext("figures", "Period"), TEXT),
            *(Column(name) for name in names),
            Column(pgettext("figures", "Change")),
        ],
        rows=[[period_text(part.period), *_moved(part.sums)] for part in parts],
        chart=over_time([short_text(part.period) for part in parts], _flow_bars(sums)),
        note=_(
            "Base points. In the chart, issued is net of refunds and redeemed of what came back. "
            "Forfeited are those of members who were erased."
        ),
        is_wide=True,
    )


def _moved(sums: Sums) -> list[int]:
    """What moved points, in the order of the columns, and how they changed by it."""
    return [
        sums.points_earned,
        sums.points_clawed_back,
        sums.points_redeemed,
        sums.points_restored,
        sums.points_expired,
        sums.points_adjusted,
        sums.points_forfeited,
        sums.points_change,
    ]


def _flow_bars(sums: Sequence[Sums]) -> list[Series]:
    return [
        Series(_("Issued"), [one.points_issued for one in sums], stack="points"),
        Series(_("Adjusted"), [one.points_adjusted for one in sums], stack="points"),
        Series(_("Redeemed"), [-one.points_spent for one in sums], stack="points"),
        Series(_("Expired"), [-one.points_expired for one in sums], stack="points"),
        Series(_("Forfeited"), [-one.points_forfeited for one in sums], stack="points"),
    ]


def _expiring(found: PointsEconomy) -> Panel:
    months = [month for month in found.expiring if month.month]
    labels = [f"{month.month:%Y-%m}" for month in months]
    return Panel(
        key="expiring",
        title=_("Would expire if nothing were spent"),
        columns=[Column(_("Month"), TEXT), Column(_("Points")), Column(_("Lots"))],
        rows=[
            [f"{one.month:%Y-%m}" if one.month else _("never"), one.points, one.lots]
            for one in found.expiring
        ],
        chart=over_time(labels, [Series(_("Points"), [month.points for month in months])])
        if months
        else None,
        note=_("By the month of the last valid day of what members hold now."),
        empty=_("Members hold no points."),
        is_wide=True,
    )
