"""Members by band of the health score, over time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from analytics.models import DailyBand
from analytics.models.health import rules_of
from analytics.rules.health import HealthBand
from analytics.rules.periods import Period


@dataclass(frozen=True)
class BandCount:
    """Members in a band as a day ended; `version` is None for the product's own bands."""

    day: date
    version: int | None
    band: HealthBand
    members: int
    share: Decimal | None


def band_counts(period: Period) -> list[BandCount]:
    """Each part of a period by its last day that a night told; the days in order; two statements.

    Bands are those of the version by which the members were judged that night.
    """
    # A night tells how the day before it ended.
    nights = (period.first + timedelta(days=1), period.end)
    rows = DailyBand.objects.filter(business_date__range=nights).select_related("version")
    by_day: dict[date, list[DailyBand]] = {}
    for row in rows.order_by("business_date", "version", "band"):
        by_day.setdefault(row.business_date - timedelta(days=1), []).append(row)
    return [
        count
        for part in period.parts()
        if (day := max((day for day in by_day if part.first <= day <= part.last), default=None))
        for count in _counts_of(day, by_day[day])
    ]


def _counts_of(day: date, rows: list[DailyBand]) -> Iterator[BandCount]:
    whole = sum(row.members for row in rows)
    for row in rows:
        yield BandCount(
            day=day,
            version=row.version_id,
            band=rules_of(row.version).bands[row.band],
            members=row.members,
            share=Decimal(row.members) / whole if whole else None,
        )
