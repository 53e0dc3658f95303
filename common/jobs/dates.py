"""Which business dates have had their night, which are owed, and how far to go unasked."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Max, Min

from common import clock
from common.models import GuardConfirmation, JobRun

from .errors import NightBeforeFirst, NightBeforeMembers, NightNotReached
from .steps import earliest_night, has_members

# Nights that beat catches up by itself, the one due today included. After a longer silence
# something is wrong (a clock, a restored backup), and a night books expiries and downgrades that
# members feel: an operator must confirm it, or ask for it with `run_nightly`.
MOST_UNASKED = 31
# The name of that guard in the ledger.
DATE_JUMP = "date_jump"
# An older date is a slip of the pen, whoever is said to have joined then.
FLOOR = date(1900, 1, 1)


@dataclass(frozen=True)
class Backlog:
    """Nights owed since the last one that was opened, up to the one due now."""

    latest: date | None
    due: date
    owed: int

    @property
    def needs_operator(self) -> bool:
        return self.owed > MOST_UNASKED

    @property
    def first(self) -> date:
        """The first date that is owed."""
        return self.latest + timedelta(days=1) if self.latest else self.due


def due_date() -> date:
    """The latest date whose night may run: today's from NIGHTLY_HOUR on, else yesterday's."""
    local = clock.now().astimezone(clock.zone())
    is_time = local.hour >= settings.NIGHTLY_HOUR
    return local.date() if is_time else local.date() - timedelta(days=1)


def backlog() -> Backlog:
    """How far the nights are behind; nothing is owed before the first night ever."""
    latest: date | None = JobRun.objects.aggregate(latest=Max("business_date"))["latest"]
    due = due_date()
    owed = max((due - latest).days, 0) if latest else 0
    return Backlog(latest=latest, due=due, owed=owed)


def date_unasked(behind: Backlog) -> date | None:
    """How far beat may go by itself.

    The first night ever is today's, once its hour has come and there are members. A night that was
    opened is always finished, whatever the clock says now; past the guard nothing new is opened
    but what an operator has confirmed.
    """
    if behind.latest is None:
        is_today = behind.due == clock.today()
        return behind.due if is_today and has_members() else None
    if behind.needs_operator:
        return max(confirmed_until() or behind.latest, behind.latest)
    return max(behind.due, behind.latest)


def confirmed_until() -> date | None:
    """The last date that an operator has let the nights jump to."""
    words = GuardConfirmation.objects.filter(check_made__name=DATE_JUMP, check_made__run=None)
    last = words.order_by("-pk").first()
    return date.fromisoformat(last.figures["until"]) if last else None


def check_reachable(until: date) -> None:
    """Refuse a date before the first night ever and one that has not begun.

    The first night ever cannot be before the first member joined: every date after it is owed.
    """
    today = clock.today()
    if until > today:
        raise NightNotReached(night=until, today=today)
    first: date | None = JobRun.objects.aggregate(first=Min("business_date"))["first"]
    if first is None:
        _check_first(until)
    elif until < first:
        raise NightBeforeFirst(first=first)


def _check_first(until: date) -> None:
    earliest = max(earliest_night() or FLOOR, FLOOR)
    if until < earliest:
        raise NightBeforeMembers(night=until, first=earliest)
