"""Members by recency, frequency and money: three scores from 1 to 5 each."""

from dataclasses import dataclass
from datetime import date, datetime

from analytics.services.figures import OPEN_FOR
from analytics.spans import as_of, fetched_date
from common.models import JobRun, JobStatus
from common.sql import fetch_sql
from loyalty.models import Purchase, Refund

# The steps of a night that leave everybody's scores.
SCORED_BY = ("measure_members", "score_members")


@dataclass(frozen=True)
class RfmCell:
    """Members with the same three scores; 5 is the latest, the most often, the most spent."""

    recency: int
    frequency: int
    money: int
    members: int

    @property
    def code(self) -> str:
        """The scores as they are spoken of: 555 are the best."""
        return f"{self.recency}{self.frequency}{self.money}"


def rfm_grid(day: date) -> list[RfmCell]:
    """Everyone who bought before a day, by fifths of each figure; the best first, empty cells not.

    Recency is the last purchase's day, frequency the number of orders, money net of refunds. Ties
    by the shop's own number ascending, numeric where it is numeric. Where that day's night is the
    last one and no fact has come late since, its scores are counted: ranking everybody anew takes
    longer than anyone likes to wait.
    """
    stored = _stored_grid(day)
    if stored is not None:
        return stored
    return [RfmCell(*row) for row in fetch_sql("analytics", "rfm_grid", as_of(day))]


def _stored_grid(day: date) -> list[RfmCell] | None:
    """The grid by the scores of a night; None where they are not this day's, or not any more."""
    told_at = _scored_at(day)
    if told_at is None or _has_late_facts(day, told_at - OPEN_FOR):
        return None
    cells = []
    for recency, frequency, money, members, first, last, orders in fetch_sql(
        "analytics", "stored_scores", {}
    ):
        if fetched_date(first) != day or fetched_date(last) != day:
            return None
        if recency is not None:
            cells.append(RfmCell(recency, frequency, money, members))
        elif orders:
            return None
    return cells


def _scored_at(day: date) -> datetime | None:
    """From when on a fact would not be in that night's scores; None where it left none."""
    runs = JobRun.objects.filter(
        step__in=SCORED_BY, business_date=day, status=JobStatus.DONE, started_at__isnull=False
    )
    begun = [run.started_at for run in runs if run.started_at]
    return min(begun) if len(begun) == len(SCORED_BY) else None


def _has_late_facts(day: date, since: datetime) -> bool:
    facts = {"recorded_at__gte": since, "business_date__lt": day, "member__isnull": False}
    return Purchase.objects.filter(**facts).exists() or Refund.objects.filter(**facts).exists()
