"""What statements over members' purchases share: their parameters, and dates that they give."""

from datetime import date, timedelta

# No member's id is greater: the database could not hold it.
LAST_ID = 2**63 - 1


def as_of(day: date, *, first: int = 0, last: int = LAST_ID) -> dict[str, object]:
    """What was known when a business day began: facts of the days before it, of these members."""
    return {
        "before": day,
        "since_30": day - timedelta(days=30),
        "since_90": day - timedelta(days=90),
        "since_365": day - timedelta(days=365),
        "first": first,
        "last": last,
    }


def fetched_date(value: date | str) -> date:
    """A date that a statement gave: SQLite gives the text that it keeps."""
    return date.fromisoformat(value) if isinstance(value, str) else value
