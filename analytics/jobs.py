"""What a night computes: members' figures, scores and worth; days' figures; what goes together."""

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
from django.conf import settings
from django.db import connection

from analytics.errors import LifetimeRefused
from analytics.models import LifetimeFit, LifetimeRefusal, MemberMetrics
from analytics.rules.histories import DAYS_A_WEEK, Histories, histories_of, history_row
from analytics.rules.returning import Returning
from analytics.rules.spending import Spending
from analytics.services.companions import find_companions
from analytics.services.figures import record_days, record_joined, stale_spans
from analytics.services.lifetime import fit_programme, refuse_fit
from analytics.spans import as_of
from common.jobs.steps import Counts, ranged_step, whole_step
from common.money import minor_digits
from common.sql import execute_sql
from members.models import Member

_INSERT = (
    "INSERT INTO analytics_prediction (member_id, alive, expected_purchases, predicted_value)"
    " VALUES (%s, %s, %s, %s)"
)


@whole_step
def fit_lifetimes(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Fit the lifetime models anew when the last fit, or refusal, is LIFETIME_FIT_DAYS old.

    A refusal is kept in words and counted; the fit that there is stays in use.
    """
    if not _is_due(business_date):
        return {}
    try:
        fit = fit_programme(night=business_date)
    except LifetimeRefused as refusal:
        refuse_fit(night=business_date, refusal=refusal)
        return {"refused": 1}
    return {"members": fit.customers}


@ranged_step
def measure_members(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Write each member's figures from their purchases and refunds before the night."""
    params = as_of(business_date, first=first_member_id, last=last_member_id)
    (members,) = execute_sql("analytics", "measure_members", params)
    return {"members": members}


@whole_step
def score_members(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Score everyone who bought by fifths of recency, frequency and money; counts who changed."""
    _cleared, scored = execute_sql("analytics", "score_members", {})
    return {"members": scored}


@ranged_step
def predict_lifetimes(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Predict by the latest fit who comes again, how often, and what that is worth.

    For LIFETIME_HORIZON_DAYS from the night on, without interest: purchases expected, times the
    amount, net of refunds, that is expected of each. Closed memberships have none.
    """
    fit = LifetimeFit.objects.until(business_date).first()
    execute_sql("analytics", "prepare_predictions", {})
    if fit:
        bought = _bought(first_member_id, last_member_id)
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, list(_predictions(fit, bought, business_date)))
    params = {"fit": fit.pk if fit else 0, "first": first_member_id, "last": last_member_id}
    predicted, _cleared = execute_sql("analytics", "predict_lifetimes", params)
    return {"members": predicted}


@whole_step
def record_figures(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Write the figures of every day before the night that has none, or has had facts since.

    The first night writes the whole history; a purchase told late has its own day written anew.
    """
    spans = stale_spans(business_date)
    days = sum(record_days(first=first, last=last, night=business_date) for first, last in spans)
    record_joined()
    return {"days": days}


@whole_step
def recommend_articles(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Find anew which articles the same members buy; counts the pairs that are kept."""
    return {"pairs": find_companions(night=business_date)}


def _is_due(night: date) -> bool:
    latest = (
        LifetimeFit.objects.until(night).first(),
        LifetimeRefusal.objects.until(night).first(),
    )
    tried = [attempt.business_date for attempt in latest if attempt]
    return not tried or max(tried) + timedelta(days=settings.LIFETIME_FIT_DAYS) <= night


def _bought(first_member_id: int, last_member_id: int) -> list[MemberMetrics]:
    """The figures of members in a range who bought and whose membership goes on."""
    metrics = MemberMetrics.objects.filter(
        member__gte=first_member_id, member__lte=last_member_id, orders__gt=0
    )
    return list(metrics.exclude(member__status=Member.Status.CLOSED).order_by("member"))


def _predictions(
    fit: LifetimeFit, bought: list[MemberMetrics], night: date
) -> Iterable[tuple[int, float, float, int]]:
    """Rows of member, chance to come again, purchases and value in minor units."""
    histories = _histories(bought, night - timedelta(days=1))
    returning = Returning(r=fit.r, alpha=fit.alpha, a=fit.a, b=fit.b)
    spending = Spending(p=fit.p, q=fit.q, gamma=fit.gamma)
    weeks = settings.LIFETIME_HORIZON_DAYS / DAYS_A_WEEK
    purchases = np.maximum(returning.expected_after(histories, weeks), 0.0)
    value = purchases * spending.expected(histories) * 10 ** minor_digits()
    return zip(
        (metrics.member_id for metrics in bought),
        returning.alive(histories).tolist(),
        purchases.tolist(),
        np.rint(value).astype(np.int64).tolist(),
        strict=True,
    )


def _histories(bought: list[MemberMetrics], end: date) -> Histories:
    return histories_of(
        history_row(
            days=metrics.purchase_days,
            first=metrics.first_purchase_on or end,
            last=metrics.last_purchase_on or end,
            end=end,
            later_amount=float(metrics.later_amount),
        )
        for metrics in bought
    )
