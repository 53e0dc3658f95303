"""Exclusive events: how their seats were filled, and who came."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.charts import Series, funnel, ranked
from analytics.reports.events import EventTurnout, all_events, event_turnouts

from .panels import SHARE, TEXT, Column, Page, Panel

# No chart has more bars; the table has all.
MOST_BARS = 12


def events_page(asked: dict[str, Any]) -> Page:
    """What became of the places of the sessions that began in a period."""
    turnouts = event_turnouts(asked["period"])
    if not turnouts:
        return Page(empty=_("No session of an event began in these days."))
    return Page(panels=[_steps(all_events(turnouts)), _events(turnouts)])


def _steps(whole: EventTurnout) -> Panel:
    found = whole.turnout
    kept = found.registered - found.cancelled - found.lapsed
    steps = [
        (pgettext("event", "Registered"), found.registered),
        (_("Neither cancelled nor lapsed"), kept),
        (pgettext("event", "Attended"), found.attended),
    ]
    ends = [
        (pgettext("event", "Did not come"), found.no_shows),
        (pgettext("event", "Cancelled"), found.cancelled),
        (pgettext("event", "Lapsed"), found.lapsed),
    ]
    return Panel(
        key="steps",
        title=_("What became of places"),
        columns=[
            Column(_("Places"), TEXT),
            Column(pgettext("figures", "Number")),
            Column(pgettext("part of a whole", "Share"), SHARE),
        ],
        rows=[
            [name, number, Decimal(number) / found.registered if found.registered else None]
            for name, number in (*steps, *ends)
        ],
        chart=funnel(steps) if found.registered else None,
        note=_("Of the sessions that began in these days, whenever members registered."),
    )


def _events(turnouts: Sequence[EventTurnout]) -> Panel:
    return Panel(
        key="events",
        title=_("By event"),
        columns=[
            Column(_("Event"), TEXT),
            Column(_("Sessions")),
            Column(_("Seats")),
            Column(_("Filled"), SHARE),
            Column(pgettext("event", "Registered")),
            Column(pgettext("event", "Attended")),
            Column(pgettext("event", "Did not come")),
            Column(pgettext("share", "Came"), SHARE),
            Column(pgettext("event", "Cancelled")),
            Column(pgettext("event", "Lapsed")),
            Column(_("Points paid")),
        ],
        rows=[_row(one) for one in turnouts],
        chart=_bars(turnouts[:MOST_BARS]),
        note=_(
            "Filled: of the seats, those that somebody holds or held to the end. Came: of those "
            "who attended or did not come, how many attended. Points paid are those for places "
            "that were not given back."
        ),
        links={
            number: reverse("admin:benefits_event_change", args=[one.event.pk])
            for number, one in enumerate(turnouts)
            if one.event
        },
        is_wide=True,
    )


def _row(one: EventTurnout) -> list[object]:
    found = one.turnout
    return [
        one.event.name if one.event else "",
        one.sessions,
        found.capacity,
        _share(found.filled),
        found.registered,
        found.attended,
        found.no_shows,
        _share(found.share),
        found.cancelled,
        found.lapsed,
        one.points,
    ]


def _share(share: float | None) -> Decimal | None:
    return None if share is None else Decimal(str(share))


def _bars(turnouts: Sequence[EventTurnout]) -> Any:
    series = [
        Series(
            pgettext("event", "Attended"), [one.turnout.attended for one in turnouts], stack="seats"
        ),
        Series(
            pgettext("event", "Did not come"),
            [one.turnout.no_shows for one in turnouts],
            stack="seats",
        ),
    ]
    return ranked([one.event.name if one.event else "" for one in turnouts], series)
