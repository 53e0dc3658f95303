"""How far members have come, and what they spend and do."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.charts import Bubble, Series, bubbles, funnel, ranked
from analytics.models import HealthVersion
from analytics.models.health import rules_of
from analytics.reports.lifecycle import ACTIVE_UNTIL, AT_RISK_UNTIL, Lifecycle, Passage, lifecycle
from analytics.reports.quadrants import (
    SPEND_STEPS,
    Quadrant,
    QuadrantBin,
    metrics_night,
    quadrant_bins,
    quadrants,
)
from common.money import format_money, short_money
from common.numbers import format_number, format_share

from .panels import MONEY, SHARE, TEXT, Column, Page, Panel, Tile, band_text


def lifecycle_page(asked: dict[str, Any]) -> Page:
    """Joined, first purchase, second, and then active, at risk or lost."""
    found = lifecycle(asked["on"])
    return Page(
        tiles=[
            _passage_tile(_("Made a first purchase"), found.to_first),
            _passage_tile(_("Made a second one"), found.to_second),
        ],
        panels=[
            _stages(found),
            _passage(
                "to-first",
                _("From joining to the first purchase"),
                found.to_first,
            ),
            _passage(
                "to-second",
                _("From the first purchase to the second"),
                found.to_second,
            ),
        ],
        empty="" if found.joined else _("Nobody had joined by then."),
    )


def quadrants_page(asked: dict[str, Any]) -> Page:
    """Members by 90 days of spending and 30 days of interaction."""
    night = metrics_night()
    if night is None:
        return Page(empty=_("No night has measured members yet."))
    bins, rules = quadrant_bins(), rules_of(HealthVersion.objects.latest_version())
    return Page(
        panels=[_quadrants(quadrants(bins)), _bins(bins)],
        notes=[
            _(
                "As the night of %(night)s measured them. By the version of the health score in "
                "force, much is net spend of 90 days from %(money)s on, and often is from "
                "%(interactions)s interactions in 30 days on. Buying is no interaction here."
            )
            % {
                "night": night.isoformat(),
                "money": format_money(rules.quadrant_money),
                "interactions": format_number(rules.quadrant_interactions),
            }
        ],
    )


def quadrant_name(name: str) -> str:
    """What operators call one of the four."""
    names = {
        "active": _("Active"),
        "low_active": _("Low-active"),
        "churn_risk": _("Churn risk"),
        "silent": _("Silent"),
    }
    return names[name]


def quadrant_meaning(name: str) -> str:
    """What one of the four does."""
    meanings = {
        "active": _("spend much and interact often"),
        "low_active": _("interact often and spend little"),
        "churn_risk": _("spend much and interact seldom"),
        "silent": _("spend little and interact seldom"),
    }
    return meanings[name]


def members_url(name: str) -> str:
    """Where the members of a quadrant are listed."""
    return reverse("admin:analytics_dailyfigure_quadrant", args=[name])


def _passage_tile(title: str, passage: Passage) -> Tile:
    notes = [
        _("%(moved)s of %(reached)s")
        % {"moved": format_number(passage.moved), "reached": format_number(passage.reached)}
    ]
    if passage.median_days is not None:
        text = ngettext(
            "half of them within %(days)s day",
            "half of them within %(days)s days",
            passage.median_days,
        )
        same_day = _("half of them on the same day")
        told = text % {"days": format_number(passage.median_days)}
        notes.append(told if passage.median_days else same_day)
    share = "–" if passage.share is None else format_share(passage.share)
    return Tile(title, share, notes)


def _stages(found: Lifecycle) -> Panel:
    steps = [
        (_("Joined"), found.joined),
        (_("First purchase"), found.first),
        (_("Second purchase"), found.second),
        (_("Active"), found.active),
    ]
    after = [(_("At risk"), found.at_risk), (_("Lost"), found.lost)]
    told = {"active": ACTIVE_UNTIL, "risk": AT_RISK_UNTIL}
    return Panel(
        key="stages",
        title=_("Stages"),
        columns=[Column(_("Stage"), TEXT), Column(_("Members")), Column(_("Of all"), SHARE)],
        rows=[
            [name, members, Decimal(members) / found.joined if found.joined else None]
            for name, members in (*steps, *after)
        ],
        chart=funnel(steps),
        note=_(
            "Whoever has bought twice is active for %(active)s days after the last time, then at "
            "risk, and lost after %(risk)s days. Two orders on one day are two."
        )
        % told,
    )


def _passage(key: str, title: str, passage: Passage) -> Panel:
    names = [band_text(band.lowest, band.highest) for band in passage.bands]
    series = [
        Series(_("Went on"), [band.moved for band in passage.bands]),
        Series(_("Still waiting"), [band.waiting for band in passage.bands]),
    ]
    return Panel(
        key=key,
        title=title,
        columns=[
            Column(_("Days"), TEXT),
            Column(_("Went on")),
            Column(_("Still waiting")),
        ],
        rows=[
            [name, band.moved, band.waiting]
            for name, band in zip(names, passage.bands, strict=True)
        ],
        chart=ranked(names, series),
        note=_("Went on after so many days, or have waited for so many without going on."),
    )


def _quadrants(found: Sequence[Quadrant]) -> Panel:
    return Panel(
        key="quadrants",
        title=_("Four kinds of members"),
        columns=[
            Column(_("Quadrant"), TEXT),
            Column(_("They"), TEXT),
            Column(_("Members")),
            Column(_("Of all"), SHARE),
            Column(_("Net spend of 90 days"), MONEY),
        ],
        rows=[
            [
                quadrant_name(one.name),
                quadrant_meaning(one.name),
                one.members,
                one.share,
                one.amount,
            ]
            for one in found
        ],
        links={number: members_url(one.name) for number, one in enumerate(found)},
        is_wide=True,
    )


def _bins(bins: Sequence[QuadrantBin]) -> Panel:
    names = _step_names()
    points = [
        Bubble(
            x=found.interactions,
            y=found.step,
            members=found.members,
            group=quadrant_name(found.quadrant),
            url=members_url(found.quadrant),
        )
        for found in bins
    ]
    return Panel(
        key="bins",
        title=_("Spending and interaction"),
        columns=[
            Column(_("Interactions of 30 days")),
            Column(_("Net spend of 90 days"), TEXT),
            Column(_("Quadrant"), TEXT),
            Column(_("Members")),
            Column(_("Together"), MONEY),
        ],
        rows=[
            [
                found.interactions,
                names[found.step],
                quadrant_name(found.quadrant),
                found.members,
                found.amount,
            ]
            for found in bins
        ],
        chart=bubbles(
            points,
            x_name=_("Interactions of 30 days"),
            y_name=_("Net spend of 90 days"),
            y_labels=names,
        ),
        note=_("The larger the circle, the more members; a click lists the members of its kind."),
        is_wide=True,
    )


def _step_names() -> list[str]:
    bounds = [short_money(Decimal(amount)) for amount in SPEND_STEPS]
    below = _("below %(amount)s")
    return [
        pgettext("figures", "nothing"),
        below % {"amount": bounds[0]},
        *(f"{lowest} – {highest}" for lowest, highest in pairwise(bounds)),
        _("from %(amount)s") % {"amount": bounds[-1]},
    ]
