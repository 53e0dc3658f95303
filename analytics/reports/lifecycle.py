"""From joining to being lost: how many members reach each stage, and after how many days."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analytics.spans import as_of
from common.sql import fetch_sql

# The last day of each band of days but the last, which has no end.
DAY_BOUNDS = (0, 7, 30, 60, 90, 180, 365)
# Who has bought at least twice is active so long after the last time, then at risk, then lost.
ACTIVE_UNTIL, AT_RISK_UNTIL = 90, 180


@dataclass(frozen=True)
class DayBand:
    """Days from `lowest` to `highest` after a stage: who went on, and who waits since then."""

    lowest: int
    highest: int | None
    moved: int
    waiting: int


@dataclass(frozen=True)
class Passage:
    """From one stage to the next. `median_days` is of those who went on; None without any."""

    reached: int
    moved: int
    bands: list[DayBand]
    median_days: int | None

    @property
    def share(self) -> Decimal | None:
        """The share that went on."""
        return Decimal(self.moved) / self.reached if self.reached else None


@dataclass(frozen=True)
class Lifecycle:
    """Members by how far they have come; the last three are of those with two orders or more."""

    joined: int
    first: int
    second: int
    active: int
    at_risk: int
    lost: int
    to_first: Passage
    to_second: Passage


Counts = dict[int, int]


def lifecycle(day: date) -> Lifecycle:
    """As of the beginning of a day; orders of one day are two orders. One statement."""
    found: dict[tuple[str, str], Counts] = {}
    for stage, what, days, members in fetch_sql("analytics", "lifecycle", as_of(day)):
        counts = found.setdefault((stage, what), {})
        # An imported member may have bought before the day on which they are said to have joined.
        counts[max(0, days)] = counts.get(max(0, days), 0) + members
    to_first, to_second = (
        _passage(found.get((stage, "moved"), {}), found.get((stage, "waiting"), {}))
        for stage in ("joined", "first")
    )
    since = found.get(("second", "since"), {})
    active = _between(since, 0, ACTIVE_UNTIL)
    at_risk = _between(since, ACTIVE_UNTIL + 1, AT_RISK_UNTIL)
    return Lifecycle(
        joined=to_first.reached,
        first=to_first.moved,
        second=to_second.moved,
        active=active,
        at_risk=at_risk,
        lost=sum(since.values()) - active - at_risk,
        to_first=to_first,
        to_second=to_second,
    )


def _passage(moved: Counts, waiting: Counts) -> Passage:
    bands, lowest = [], 0
    for highest in (*DAY_BOUNDS, None):
        bands.append(
            DayBand(
                lowest=lowest,
                highest=highest,
                moved=_between(moved, lowest, highest),
                waiting=_between(waiting, lowest, highest),
            )
        )
        lowest = (highest or 0) + 1
    gone_on = sum(moved.values())
    return Passage(
        reached=gone_on + sum(waiting.values()),
        moved=gone_on,
        bands=bands,
        median_days=_median(moved),
    )


def _between(counts: Counts, lowest: int, highest: int | None) -> int:
    return sum(
        members
        for days, members in counts.items()
        if days >= lowest and (highest is None or days <= highest)
    )


def _median(counts: Counts) -> int | None:
    """The least number of days by which half of them, rounded up, had gone on."""
    half, so_far = (sum(counts.values()) + 1) // 2, 0
    for days in sorted(counts):
        so_far += counts[days]
        if so_far >= half:
            return days
    return None
