"""Members by band of the health score, over time."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.charts import Series, over_time
from analytics.models.health import band_name
from analytics.reports.health import BandCount, band_counts

from .panels import SHARE, TEXT, Column, Page, Panel


def health_page(asked: dict[str, Any]) -> Page:
    """How many members were in each band, day by day, week by week or month by month."""
    counts = band_counts(asked["period"])
    if not counts:
        return Page(empty=_("No night has counted health bands for these days."))
    return Page(
        panels=[_bands(counts)],
        links=[(_("Health score"), reverse("admin:analytics_healthversion_changelist"))],
    )


def _bands(counts: Sequence[BandCount]) -> Panel:
    return Panel(
        key="bands",
        title=_("Members by health band"),
        columns=[
            Column(_("At the end of"), TEXT),
            Column(_("Version"), TEXT),
            Column(_("Band"), TEXT),
            Column(_("From score")),
            Column(_("Members")),
            Column(_("Of all"), SHARE),
        ],
        rows=[
            [
                count.day.isoformat(),
                pgettext("version", "the product’s own")
                if count.version is None
                else str(count.version),
                band_name(count.band),
                count.band.from_score,
                count.members,
                count.share,
            ]
            for count in counts
        ],
        chart=over_time(*_drawn(counts)),
        note=_(
            "By the version of the health score in force at the time; weeks and months by their "
            "last day that a night told."
        ),
        is_wide=True,
    )


def _drawn(counts: Sequence[BandCount]) -> tuple[list[str], list[Series]]:
    """Bands of the same name are one series, though versions may bound them otherwise."""
    days = sorted({count.day for count in counts})
    members: dict[str, dict[object, int]] = {}
    for count in counts:
        by_day = members.setdefault(band_name(count.band), {})
        by_day[count.day] = by_day.get(count.day, 0) + count.members
    series = [
        Series(name, [by_day.get(day, 0) for day in days], stack="bands")
        for name, by_day in members.items()
    ]
    return [f"{day:%m-%d}" for day in days], series
