"""Whether what a night left of each member still is what a report would find."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from analytics.services.figures import OPEN_FOR
from analytics.spans import fetched_date
from common.models import JobRun, JobStatus
from common.sql import fetch_sql
from loyalty.models import Purchase, Refund

# The steps of a night that leave everybody's figures, and their scores besides.
MEASURED = ("measure_members",)
SCORED = (*MEASURED, "score_members")


def told_rows(name: str, day: date, steps: Collection[str]) -> list[tuple[Any, ...]] | None:
    """The rows of a statement over members' figures, if they are of that day's night.

    The first two columns of each row are the earliest and the latest night that its figures are
    of. None where the steps are not done for the day, another night has begun to measure, or a
    fact of before it has come since: then the report asks the facts themselves.
    """
    begun = _begun_at(day, steps)
    if begun is None or _has_late_facts(day, begun - OPEN_FOR):
        return None
    rows = fetch_sql("analytics", name, {})
    if any(fetched_date(at) != day for row in rows for at in row[:2]):
        return None
    return [row[2:] for row in rows]


def _begun_at(day: date, steps: Collection[str]) -> datetime | None:
    """When the steps began: a fact recorded from then on may be missing in what they left."""
    runs = JobRun.objects.filter(
        step__in=steps, business_date=day, status=JobStatus.DONE, started_at__isnull=False
    )
    begun = [run.started_at for run in runs if run.started_at]
    return min(begun) if len(begun) == len(steps) else None


def _has_late_facts(day: date, since: datetime) -> bool:
    facts = {"recorded_at__gte": since, "business_date__lt": day, "member__isnull": False}
    return Purchase.objects.filter(**facts).exists() or Refund.objects.filter(**facts).exists()
