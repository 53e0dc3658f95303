"""Where the figures that a tier asks for begin, and where a tier that is won now ends."""

from datetime import UTC, date, datetime, timedelta

from common import clock
from common.periods import Period
from loyalty.models import Ladder, Standing, Tier
from loyalty.models.tiers import CALENDAR_YEAR, SINCE_TIER

# Windows are half-open; a fact of this very instant counts when a tier is asked for at once.
INSTANT = timedelta(microseconds=1)
# A lifetime begins before any fact; no database stores an older purchase.
EVER = datetime(1900, 1, 1, tzinfo=UTC)


def window_start(
    ladder: Ladder,
    at: datetime,
    *,
    standing: Standing | None = None,
    last_day: date | None = None,
) -> datetime | None:
    """Where the window that ends at an instant begins; None for everything ever.

    The calendar year is that of `last_day`, the last one in the window (the instant's own, unless
    a night says otherwise: it closes the day before its cutoff). Since the current tier began is
    asked of the standing; without one nothing has begun and everything counts.
    """
    if ladder.window == SINCE_TIER:
        began = (standing.counts_from or standing.since) if standing else EVER
        return began if began > EVER else None
    if ladder.window == CALENDAR_YEAR:
        year = (last_day or clock.business_date(at)).year
        return clock.start_of(date(year, 1, 1))
    window = Period.parse(ladder.window)
    if window.is_never:
        return None
    local = at.astimezone(clock.zone())
    day = window.before(local.date())
    # Not by the wall clock: some days begin at one o'clock, where midnight was skipped.
    if at == clock.start_of(local.date()):
        return clock.start_of(day)
    return datetime.combine(day, local.time(), tzinfo=clock.zone())


def window_of_night(
    ladder: Ladder, night: date, *, standing: Standing | None = None
) -> datetime | None:
    """Where the window of a night begins, which ends at its cutoff."""
    last_day = night - timedelta(days=1)
    return window_start(ladder, clock.cutoff(night), standing=standing, last_day=last_day)


def valid_until(ladder: Ladder, tier: Tier, at: datetime) -> datetime | None:
    """The end of the tier's validity when it is won or kept at that instant (half-open).

    The lowest tier is everyone's and has none.
    """
    if tier.rank == 0:
        return None
    return Period.parse(ladder.validity).expires_at(clock.business_date(at))


def valid_until_of_night(ladder: Ladder, night: date) -> datetime | None:
    """The end of the validity of a tier that a night gives or keeps; None for good.

    It is won on the day that the night closes. Where that is the fixed day on which tiers end
    (`@12-31`), it is held to the next one: what ends with the night itself was never held.
    """
    validity = Period.parse(ladder.validity)
    ends_at = validity.expires_at(night - timedelta(days=1))
    if ends_at is not None and ends_at <= clock.cutoff(night):
        return validity.expires_at(night)
    return ends_at


def counts_from(tier: Tier, at: datetime, *, is_entry: bool) -> datetime:
    """Where figures begin once a tier is won at an instant by what happened up to and at it.

    The lowest tier, which nobody wins, began with everything ever.
    """
    return EVER if is_entry and tier.rank == 0 else at + INSTANT
