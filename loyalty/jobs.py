"""What a night does to points and tiers, for a range of members, as of its cutoff."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from common import clock
from common.jobs.steps import Counts, guarded, latest_only, ranged_step, whole_step
from common.models import JobRun
from common.periods import Period
from common.sql import execute_sql, fetch_sql, run_script
from loyalty.errors import LowestTierMissing
from loyalty.models import ExpiryForecast, Ladder, PointsLot, PointType, Tier
from loyalty.models.tiers import SINCE_TIER
from loyalty.services.erasure import close_accounts
from loyalty.services.ladder import hold_ladder, ladder_version
from loyalty.services.merging import settle_merges
from loyalty.services.windows import EVER, valid_until_of_night, window_of_night

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
    execute_sql("loyalty", "list_due_lots", params)
    execute_sql("loyalty", "waive_notices", params)
    _held, entries, lots, _emptied, _accounts = execute_sql("loyalty", "expire_points", params)
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


@ranged_step
def close_erased_accounts(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Forfeit what came to erased members since: points of a late refund belong to nobody."""
    points = close_accounts(
        first_member_id=first_member_id, last_member_id=last_member_id, at=clock.now()
    )
    return {"points": points}


@ranged_step
def settle_merged_accounts(
    business_date: date, first_member_id: int, last_member_id: int
) -> Counts:
    """Bring to the kept members what came to merged ones since: points given back, late debt."""
    moves = settle_merges(
        first_member_id=first_member_id,
        last_member_id=last_member_id,
        at=clock.cutoff(business_date),
    )
    return {"moves": moves}


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
    return bool(settings.NIGHTLY_WAIVES_FIRST_EXPIRY) and _is_first_to_run(
        notify_expiring_points.name, business_date
    )


def _is_first_to_run(step: str, business_date: date) -> bool:
    """Whether no earlier night has run a step."""
    return not JobRun.objects.filter(step=step, business_date__lt=business_date).exists()


@ranged_step
def review_tiers(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Review tiers on the figures of the window that ends at the cutoff.

    Looked at: members without a standing (entry bounds), with a validity that has ended, or with
    a fact since their last review. Upgrades happen at any time; at the end of the validity a tier
    is kept when its retention bounds hold, else the member comes down after the days of grace,
    told on an earlier night or with a waiver. By policy, who loses what asks to stay by a refund
    comes down the same night, without grace. Who joins at the cutoff or later is not looked at
    yet. Without tiers there is nothing to do; tiers without the lowest are refused.
    """
    hold_ladder()
    tiers = list(Tier.objects.by_rank())
    if not tiers:
        return {}
    if tiers[0].rank != 0:
        raise LowestTierMissing()
    ladder = Ladder.objects.solo()
    params = _range(business_date, first_member_id, last_member_id)
    params |= _review_terms(business_date, ladder, tiers)
    run_script("loyalty", "prepare_review")
    execute_sql("loyalty", "list_members_to_review", params)
    fetch_sql("loyalty", "lock_members_to_review", params)
    execute_sql("loyalty", "judge_members", params)
    if ladder.refunds == Ladder.Refunds.REEVALUATE and ladder.downgrade != Ladder.Downgrade.NONE:
        execute_sql("loyalty", "review_refunds", params)
    execute_sql("loyalty", "decide_tiers", params)
    decided = _decided()
    if "untold" in decided:
        execute_sql("loyalty", "take_down_told", params)
        decided = _decided()
    if "entry" in decided:
        execute_sql("loyalty", "enter_ladder", params)
    execute_sql("loyalty", "book_tiers", params)
    return decided


def _decided() -> Counts:
    """How many of those looked at go which way."""
    return {cause: int(count) for cause, count in fetch_sql("loyalty", "reviewed_tiers", {})}


@latest_only
@ranged_step
def notify_tiers_going_down(
    business_date: date, first_member_id: int, last_member_id: int
) -> Counts:
    """Tell members that their tier will go down, when, and what is missing to stay.

    Told is who would not be kept if nothing else happened: on the figures as they will count at
    the end of the validity, once for each period (30 and 7 days before it). Past the end, in the
    days of grace and after, only who was never told: a later night may take them down then.
    """
    ladder = Ladder.objects.solo()
    tiers = list(Tier.objects.by_rank())
    if not tiers or ladder.downgrade == Ladder.Downgrade.NONE:
        return {}
    ends = list(ends_to_tell(business_date, ladder))
    params = _range(business_date, first_member_id, last_member_id)
    params |= _review_terms(business_date, ladder, tiers) | {"latest": ends[-1]["until"]}
    execute_sql("loyalty", "clear_ends_to_tell", {})
    for end in ends:
        execute_sql("loyalty", "add_end_to_tell", end)
    run_script("loyalty", "prepare_review")
    execute_sql("loyalty", "list_tiers_to_tell", params)
    (notices,) = execute_sql("loyalty", "tell_of_tiers_going_down", params)
    (standings,) = execute_sql("loyalty", "record_downgrade_evidence", params)
    return {"notices": notices, "standings": standings}


def _review_terms(business_date: date, ladder: Ladder, tiers: list[Tier]) -> dict[str, object]:
    """The window and the dates that follow from the night's date, for all members alike.

    A tier won or kept by a night is won on the day that the night closed.
    """
    last_day = business_date - timedelta(days=1)
    growth = PointType.objects.filter(code=PointType.GROWTH).first()
    interval = Period.parse(ladder.step_interval or "0D")
    return {
        "now": clock.now(),
        "growth": growth.pk if growth else 0,
        "ever": EVER,
        "since_tier": int(ladder.window == SINCE_TIER),
        "window_from": window_of_night(ladder, business_date) or EVER,
        "counts_days": int(any(tier.counts_days for tier in tiers)),
        "grace_cutoff": clock.cutoff(business_date - timedelta(days=ladder.grace_days)),
        "valid_until": valid_until_of_night(ladder, business_date),
        "no_step_before": None if interval.is_zero else interval.expires_at(last_day),
        "downgrade": ladder.downgrade,
        "waives_first": int(
            settings.NIGHTLY_WAIVES_FIRST_DOWNGRADE
            and _is_first_to_run(notify_tiers_going_down.name, business_date)
        ),
        "last_told_at": clock.cutoff(last_day),
        "version": ladder_version(ladder, tiers).pk,
    }


def ends_to_tell(business_date: date, ladder: Ladder) -> Iterator[dict[str, object]]:
    """The ends of validity that a night tells of: bounds, window, the way down, and the period.

    Those of the days ahead and of the days of grace behind, each with its own window; and all
    that lie further back, which are decided by the next night.
    """
    periods = sorted(set(settings.TIER_NOTICE_DAYS))
    if not periods or periods[0] < 1:
        raise ImproperlyConfigured("TIER_NOTICE_DAYS needs whole days, each at least 1.")
    oldest = business_date - timedelta(days=ladder.grace_days)
    before = _end_to_tell(oldest - timedelta(days=1), business_date, ladder, periods[0])
    yield before | {"after": EVER}
    for behind in range(ladder.grace_days + periods[-1] + 1):
        ends_on = oldest + timedelta(days=behind)
        left = (ends_on - business_date).days
        period = next(period for period in periods if period >= left)
        yield _end_to_tell(ends_on, business_date, ladder, period)


def _end_to_tell(
    ends_on: date, business_date: date, ladder: Ladder, period: int
) -> dict[str, object]:
    """One end of validity, by the first day after it; the next night is the first to decide."""
    tomorrow = business_date + timedelta(days=1)
    down_on = max(ends_on + timedelta(days=ladder.grace_days), tomorrow)
    last_day = ends_on - timedelta(days=1)
    return {
        "after": clock.cutoff(last_day),
        "until": clock.cutoff(ends_on),
        "window_from": window_of_night(ladder, max(ends_on, tomorrow)) or EVER,
        "down_at": clock.cutoff(down_on),
        "down_on": down_on.isoformat(),
        "last_day": last_day.isoformat(),
        "days": period,
    }
