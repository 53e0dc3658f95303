"""Fit the lifetime models to the programme's own purchases, and keep what came of it."""

from datetime import date, timedelta
from math import ceil

from django.conf import settings
from django.db import transaction

from analytics.errors import LifetimeRefused, TooFewCustomers
from analytics.lifetime import Lifetime, fit_lifetime
from analytics.models import LifetimeFit, LifetimeRefusal
from analytics.rules.histories import (
    DAYS_A_WEEK,
    FEWEST_CUSTOMERS,
    Histories,
    histories_of,
    history_row,
)
from analytics.rules.weeks import Week, weeks_of
from analytics.spans import as_of, fetched_date
from common.money import from_minor
from common.sql import fetch_sql

# A quarter of a year, as the literature holds out; never more than a third of the history.
HELD_OUT_WEEKS = 13
SHARE_HELD_OUT = 3


@transaction.atomic
def fit_programme(*, night: date) -> LifetimeFit:
    """Fit to all purchases of members before a night, and try the models on the last weeks.

    Spend is net of refunds. Everyone who bought counts, or one in every so many where they are
    more than the setting LIFETIME_FIT_MEMBERS. Refused (LifetimeRefused) when they are too few or
    settle nothing.
    """
    ((buyers, first),) = fetch_sql("analytics", "all_buyers", as_of(night))
    if not buyers:
        raise TooFewCustomers(customers=0, fewest=FEWEST_CUSTOMERS)
    window_from, end = fetched_date(first), night - timedelta(days=1)
    lifetime = fit_lifetime(_histories(night, buyers))
    trial_end, weeks = _trial(night, buyers, window_from)
    return LifetimeFit.objects.create(
        business_date=night,
        window_from=window_from,
        calibration_end=end,
        customers=lifetime.customers,
        returned=lifetime.returned,
        buyers=buyers,
        log_likelihood=lifetime.returning.log_likelihood,
        spend_log_likelihood=lifetime.spending.log_likelihood,
        trial_end=trial_end,
        weeks=[_kept_week(week) for week in weeks],
        **lifetime.parameters(),
    )


@transaction.atomic
def refuse_fit(*, night: date, refusal: LifetimeRefused) -> LifetimeRefusal:
    """Keep why a night fitted nothing."""
    return LifetimeRefusal.objects.create(
        business_date=night, code=refusal.code, details=refusal.details
    )


def _histories(night: date, buyers: int) -> Histories:
    """What the models know of members when a night begins."""
    every = max(1, ceil(buyers / settings.LIFETIME_FIT_MEMBERS))
    rows = fetch_sql("analytics", "histories", as_of(night) | {"every": every})
    end = night - timedelta(days=1)
    return histories_of(
        history_row(
            days=days,
            first=fetched_date(first),
            last=fetched_date(last),
            end=end,
            later_amount=float(from_minor(later)),
        )
        for days, first, last, later in rows
    )


def _trial(night: date, buyers: int, first: date) -> tuple[date | None, list[Week]]:
    """Fit to all but the last weeks and compare; nothing where that leaves too little."""
    weeks = (night - first).days // DAYS_A_WEEK
    held_out = min(HELD_OUT_WEEKS, weeks // SHARE_HELD_OUT)
    if not held_out:
        return None, []
    # Weeks are counted from the first purchase, and the trial ends with one of them.
    trial_end = first + timedelta(weeks=weeks - held_out, days=-1)
    try:
        lifetime = fit_lifetime(_histories(trial_end + timedelta(days=1), buyers))
    except LifetimeRefused:
        return None, []
    return trial_end, _weeks(lifetime, night, trial_end)


def _weeks(lifetime: Lifetime, night: date, trial_end: date) -> list[Week]:
    params = as_of(night) | {"trial_end": trial_end}
    return weeks_of(
        lifetime.returning.model,
        firsts=_by_day("first_days", params),
        repeats=_by_day("later_days", params),
        calibration_end=trial_end,
        end=night - timedelta(days=1),
    )


def _by_day(name: str, params: dict[str, object]) -> dict[date, int]:
    return {fetched_date(day): count for day, count in fetch_sql("analytics", name, params)}


def _kept_week(week: Week) -> dict[str, object]:
    return {
        "number": week.number,
        "ends_on": week.ends_on.isoformat(),
        "actual": week.actual,
        "expected": round(week.expected, 3),
        "is_held_out": week.is_held_out,
    }
