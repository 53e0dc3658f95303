"""The programme's clock: one zone, business dates, half-open validity.

Instants are aware datetimes; a business date is a calendar day in the programme's zone.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def zone() -> ZoneInfo:
    """The programme's zone."""
    return ZoneInfo(settings.PROGRAMME_TIMEZONE)


def now() -> datetime:
    """This instant, in UTC."""
    return timezone.now()


def today() -> date:
    """Today's business date."""
    return business_date(now())


def business_date(at: datetime) -> date:
    """The calendar day of an aware instant in the programme's zone."""
    if timezone.is_naive(at):
        raise ValueError("A naive datetime has no business date.")
    return at.astimezone(zone()).date()


def start_of(day: date) -> datetime:
    """The first instant of a day in the programme's zone, in UTC.

    Usually 00:00. Where the clocks are put forward over midnight, it is the instant of the change;
    where midnight happens twice, it is the first one.
    """
    midnight = datetime.combine(day, time.min, tzinfo=zone())
    instant = midnight.astimezone(UTC)
    if instant.astimezone(zone()).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return instant
    return _first_instant_on(day, after=midnight.replace(fold=1).astimezone(UTC), not_after=instant)


def cutoff(night: date) -> datetime:
    """The instant as of which the night of a business date runs: the start of that day."""
    return start_of(night)


def ledger_instant(at: datetime, last: datetime | None) -> datetime:
    """The instant to post at: never before the account's last entry."""
    return at if last is None else max(at, last)


def last_valid_day(expires_at: datetime) -> date:
    """The last day on which something with this half-open end still holds."""
    return business_date(expires_at - timedelta(microseconds=1))


def _first_instant_on(day: date, *, after: datetime, not_after: datetime) -> datetime:
    """Find the change of the clocks that skips a midnight, to the second."""
    while not_after - after > timedelta(seconds=1):
        middle = after + timedelta(seconds=(not_after - after) // timedelta(seconds=2))
        if business_date(middle) < day:
            after = middle
        else:
            not_after = middle
    return not_after
