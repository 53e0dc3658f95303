"""Which lots a run means and what becomes of them, by set-based statements for any range."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings

from common import clock
from common.periods import Period
from common.sql import execute_many_sql, execute_sql, fetch_sql
from loyalty.models import RedateRun

EVER, FOREVER = date(1, 1, 1), date(9999, 12, 31)
EVERYBODY = (0, 2**63 - 1)


@dataclass(frozen=True)
class Line:
    """Lots that end with one last valid day and shall end with another; None is for ever."""

    before: date | None
    after: date | None
    lots: int
    members: int
    points: int


def floor_of(day: date) -> datetime:
    """How soon a run of that day may let points end: every notice can still be given in time."""
    return clock.start_of(first_last_day(day) + timedelta(days=1))


def first_last_day(day: date) -> date:
    """The first last valid day that a run of that day may give to points that ended later."""
    return day + timedelta(days=max(settings.EXPIRY_NOTICE_DAYS))


def list_lots(run: RedateRun, first: int, last: int, *, now: datetime) -> dict[str, object]:
    """Fill the connection's table of lots that the run would change, and give its parameters."""
    period = Period.parse(run.expiry)
    params: dict[str, object] = {
        "run": run.pk or 0,
        "point_type": run.point_type_id,
        "only_policy": run.only_policy,
        "earned_from": run.earned_from or EVER,
        "earned_until": run.earned_until or FOREVER,
        "expiry": run.expiry,
        "is_anniversary": int(period.is_anniversary),
        "is_inactivity": int(period.is_inactivity),
        "any_day": EVER,
        "first": first,
        "last": last,
        "floor": floor_of(clock.business_date(now)),
        "now": now,
    }
    execute_sql("loyalty", "redating/list_lots", params)
    starts = fetch_sql("loyalty", "redating/list_starts", {})
    execute_many_sql("loyalty", "redating/add_end", (_end(period, *start) for start in starts))
    execute_sql("loyalty", "redating/date_lots", params)
    return params


def _end(period: Period, since: Any, joined: Any) -> dict[str, object]:
    since_on, joined_on = _a_date(since), _a_date(joined)
    ends_at = period.expires_at(since_on, joined_on=joined_on)
    return {"since_on": since_on, "joined_on": joined_on, "ends_at": ends_at}


def totals() -> dict[str, int]:
    """How many lots, members and points the lots that were listed make."""
    ((lots, members, points),) = fetch_sql("loyalty", "redating/totals", {})
    return {"lots": lots, "members": members, "points": points}


def foreseen() -> dict[str, Any]:
    """The figures of the lots that were listed."""
    rows = fetch_sql("loyalty", "redating/figures", {})
    return {**_figures(rows), **totals(), "clamped": sum(row[5] for row in rows)}


def applied(run: RedateRun) -> dict[str, Any]:
    """The figures of what the run has changed, from the changes themselves."""
    rows = fetch_sql("loyalty", "redating/applied", {"run": run.pk})
    return {**_figures(rows), **done_so_far(run)}


def done_so_far(run: RedateRun) -> dict[str, int]:
    """What the finished ranges of a run count together: no member is in two of them."""
    counted = list(run.ranges.values_list("counts", flat=True))
    names = ("lots", "members", "points")
    return {name: sum(counts.get(name, 0) for counts in counted) for name in names}


def lines_of(figures: Mapping[str, Any]) -> list[Line]:
    """The lines of kept figures, by old and then new last valid day; for ever comes last."""
    return [
        Line(
            before=_a_day(line["before"]),
            after=_a_day(line["after"]),
            lots=line["lots"],
            members=line["members"],
            points=line["points"],
        )
        for line in figures.get("lines", [])
    ]


def _figures(rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    lines = [
        {
            "before": _last_day(before),
            "after": _last_day(after),
            "lots": lots,
            "members": members,
            "points": points,
        }
        for before, after, lots, members, points, *_clamped in rows
    ]
    lines.sort(key=lambda line: (line["before"] or "9999", line["after"] or "9999"))
    return {"lines": lines}


def _last_day(found: Any) -> str | None:
    """The last valid day of an instant as the database gives it: SQLite keeps UTC without saying
    so, and text in temporary tables."""
    if found is None:
        return None
    at = found if isinstance(found, datetime) else datetime.fromisoformat(found)
    return clock.last_valid_day(at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()


def _a_date(found: Any) -> date:
    return found if isinstance(found, date) else date.fromisoformat(found)


def _a_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
