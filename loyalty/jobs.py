"""What a night does to points and tiers, for a range of members, as of its cutoff."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from common import clock
from common.jobs.steps import Counts, guarded, latest_only, ranged_step, whole_step
from common.models import JobRun
from common.periods import Period
from common.sql import execute_sql, fetch_sql
from loyalty.errors import LowestTierMissing
from loyalty.models import ExpiryForecast, Ladder, PointsLot, PointType, Tier
from loyalty.services.standings import EVER, window_start

# How many nights ahead each night notes what will expire.
FORECAST_DAYS = 40


def _range(business_date: date, first_member_id: int, last_member_id: int) -> dict[str, object]:
    return {
        "business_date": business_date,
        "cutoff": clock.cutoff(business_date),
        "first": first_member_id,
        "last": last_member_id,
    }


@ranged_step
def activate_points(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Book lots whose holding period is over by the cutoff; writes no entry.

    They are spendable since `available_at`, booked or not.
    """
    params = _range(business_date, first_member_id, last_member_id)
    fetch_sql("loyalty", "lock_pending_accounts", params)
    (lots,) = execute_sql("loyalty", "activate_points", params)
    return {"lots": lots}


@guarded("loyalty.guards.expiry_volume")
@ranged_step
def expire_points(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Expire all that is left in lots whose validity ended by the cutoff.

    One entry per account and business date, one allocation per lot. Late, it takes everything
    due on or before; run again, it finds nothing. A lot expires only with a notice of an earlier
    night for its date, or a waiver: what is due on the first night that tells (where the setting
    says so), and what was recorded too late for the last notice, is waived here. Others are held.
    """
    params = _range(business_date, first_member_id, last_member_id) | expiry_terms(business_date)
    params |= {"key": f"expire:{business_date.isoformat()}", "now": clock.now()}
    execute_sql("loyalty", "list_expiring_accounts", params)
    execute_sql("loyalty", "waive_notices", params)
    *_temporary, entries, lots, _emptied, _accounts = execute_sql(
        "loyalty", "expire_points", params
    )
    ((points,),) = fetch_sql("loyalty", "expired_points", params)
    ((held,),) = fetch_sql("loyalty", "held_lots", params)
    counts = {"members": entries, "lots": lots, "points": points}
    return counts | {"held": held} if held else counts


def expiry_terms(business_date: date) -> dict[str, object]:
    """What decides, for all members alike, which lots a night's expiry takes."""
    return {
        "business_date": business_date,
        "cutoff": clock.cutoff(business_date),
        "waives_first": int(_waives_first(business_date)),
        "last_told_at": clock.cutoff(business_date - timedelta(days=min(notice_periods()))),
    }


@latest_only
@whole_step
def forecast_expiry(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Note what each of the next nights will let expire if nothing is spent before.

    A later night's expiry is measured by it (`loyalty.guards.expiry_volume`).
    """
    nights = [business_date + timedelta(days=ahead) for ahead in range(1, FORECAST_DAYS + 1)]
    after, until = clock.cutoff(business_date), clock.cutoff(nights[-1])
    sums = dict.fromkeys(nights, (0, 0))
    dated = PointsLot.objects.expiring_between(after, until).sums_by_expiry()
    for expires_at, points, lots in dated:
        night = clock.last_valid_day(expires_at or until) + timedelta(days=1)
        sums[night] = (sums[night][0] + points, sums[night][1] + lots)
    ExpiryForecast.objects.bulk_create(
        (
            ExpiryForecast(made_on=business_date, expires_on=night, points=points, lots=lots)
            for night, (points, lots) in sums.items()
        ),
        ignore_conflicts=True,
    )
    points, lots = (sum(column) for column in zip(*sums.values(), strict=True))
    return {"lots": lots, "points": points}


@latest_only
@ranged_step
def notify_expiring_points(
    business_date: date, first_member_id: int, last_member_id: int
) -> Counts:
    """Tell members which points end soon: one notice per kind, last valid day and period.

    Each lot of a notice gets its evidence, on which later nights let it expire. Seen from the
    night's cutoff, a day belongs to the shortest period that reaches it: with 30, 7 and 1, points
    are told of when 30 or fewer days are left, again at 7, and on their last day.
    """
    days = list(days_to_tell(business_date))
    params = _range(business_date, first_member_id, last_member_id) | {
        "now": clock.now(),
        "latest": days[-1]["until"],
    }
    execute_sql("loyalty", "clear_days_to_tell", {})
    for day in days:
        execute_sql("loyalty", "add_day_to_tell", day)
    execute_sql("loyalty", "list_lots_to_tell", params)
    (notices,) = execute_sql("loyalty", "tell_of_expiring_points", params)
    (lots,) = execute_sql("loyalty", "record_expiry_evidence", params)
    return {"notices": notices, "lots": lots}


def notice_periods() -> list[int]:
    """The setting, in ascending order: how many days before their end points are told of."""
    periods = sorted(set(settings.EXPIRY_NOTICE_DAYS))
    if not periods or periods[0] < 1:
        raise ImproperlyConfigured("EXPIRY_NOTICE_DAYS needs whole days, each at least 1.")
    return periods


def days_to_tell(business_date: date) -> Iterator[dict[str, object]]:
    """The days that a night tells of: the last valid day, its bounds and its period."""
    periods = notice_periods()
    for left in range(1, periods[-1] + 1):
        last_day = business_date + timedelta(days=left - 1)
        yield {
            "last_day": last_day.isoformat(),
            "days": next(period for period in periods if period >= left),
            "after": clock.cutoff(last_day),
            "until": clock.cutoff(last_day + timedelta(days=1)),
        }


def _waives_first(business_date: date) -> bool:
    """Whether lots due tonight could not have been told of, because no earlier night told any."""
    if not settings.NIGHTLY_WAIVES_FIRST_EXPIRY:
        return False
    told = JobRun.objects.filter(step=notify_expiring_points.name, business_date__lt=business_date)
    return not told.exists()


@ranged_step
def review_tiers(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Review tiers on the figures of the window that ends at the cutoff.

    Looked at: members without a standing (entry bounds), with a validity that has ended, or with
    a fact since their last review. Upgrades happen at any time; at the end of the validity a tier
    is kept when its retention bounds hold, else the member comes down after the days of grace.
    Who joins at the cutoff or later is not looked at yet. Without tiers there is nothing to do;
    tiers without the lowest are refused.
    """
    lowest = Tier.objects.by_rank().first()
    if lowest is None:
        return {}
    if lowest.rank != 0:
        raise LowestTierMissing()
    ladder = Ladder.objects.solo()
    params = _range(business_date, first_member_id, last_member_id)
    params |= _review_terms(business_date, ladder)
    execute_sql("loyalty", "list_members_to_review", params)
    fetch_sql("loyalty", "lock_members_to_review", params)
    execute_sql("loyalty", "review_tiers", params)
    return {cause: int(count) for cause, count in fetch_sql("loyalty", "reviewed_tiers", params)}


def _review_terms(business_date: date, ladder: Ladder) -> Mapping[str, object]:
    """The window and the dates that follow from the night's date, for all members alike.

    A tier won or kept by a night is won on the day that the night closed.
    """
    window_from = window_start(ladder, clock.cutoff(business_date))
    last_day = business_date - timedelta(days=1)
    growth = PointType.objects.filter(code=PointType.GROWTH).first()
    return {
        "growth": growth.pk if growth else 0,
        "window_from": window_from or EVER,
        "stated_window_from": window_from,
        "grace_cutoff": clock.cutoff(business_date - timedelta(days=ladder.grace_days)),
        "valid_until": Period.parse(ladder.validity).expires_at(last_day),
        "downgrade": ladder.downgrade,
    }
