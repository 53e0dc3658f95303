"""What statements over members' purchases share: their parameters, and dates that they give."""

from datetime import date, timedelta

from common import clock

# No member's id is greater: the database could not hold it.
LAST_ID = 2**63 - 1
# How long a member counts as active after having done something.
ACTIVE_DAYS = 30


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


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def of_days(first: date, last: date, *, night: date) -> dict[str, object]:
    """Days of facts, both included, as known when a night begins.

    Business dates are stored and stay when the zone is another; instants are indexed. So the
    instants are two days wider on either side than any zone can make them.
    """
    first_30 = first - timedelta(days=ACTIVE_DAYS - 1)
    wider = timedelta(days=2)
    return {
        "first_on": first,
        "last_on": last,
        "before": night,
        "since": clock.start_of(first) - wider,
        "until": clock.start_of(last) + wider + timedelta(days=1),
        "first_30": first_30,
        "since_30": clock.start_of(first_30) - wider,
    }
