"""What a night does to points and tiers, for a range of members, as of its cutoff."""

from collections.abc import Mapping
from datetime import date, timedelta

from common import clock
from common.jobs.steps import Counts, ranged_step
from common.periods import Period
from common.sql import execute_sql, fetch_sql
from loyalty.errors import LowestTierMissing
from loyalty.models import Ladder, PointType, Tier
from loyalty.services.standings import EVER, window_start


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


@ranged_step
def expire_points(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Expire all that is left in lots whose validity ended by the cutoff.

    One entry per account and business date, one allocation per lot. Late, it takes everything
    due on or before; run again, it finds nothing.
    """
    params = _range(business_date, first_member_id, last_member_id) | {
        "key": f"expire:{business_date.isoformat()}",
        "now": clock.now(),
    }
    execute_sql("loyalty", "list_expiring_accounts", params)
    entries, lots, _emptied, _accounts = execute_sql("loyalty", "expire_points", params)
    ((points,),) = fetch_sql("loyalty", "expired_points", params)
    return {"members": entries, "lots": lots, "points": points}


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
