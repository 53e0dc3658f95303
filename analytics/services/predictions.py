"""What members will be worth, by the latest fit of the lifetime models."""

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
from django.conf import settings
from django.db import connection

from analytics.models import HealthVersion, LifetimeFit, MemberMetrics
from analytics.models.health import rules_of
from analytics.rules.health import HealthRules, loyalty_index
from analytics.rules.histories import DAYS_A_WEEK, Histories, histories_of, history_row
from analytics.rules.returning import Returning
from analytics.rules.spending import Spending
from common.money import minor_digits
from common.sql import execute_sql
from members.models import Member

_INSERT = (
    "INSERT INTO analytics_prediction"
    " (member_id, alive, expected_purchases, predicted_value, loyalty_index)"
    " VALUES (%s, %s, %s, %s, %s)"
)


def predict_range(night: date, first_member_id: int, last_member_id: int) -> int:
    """Write the predictions of a range of measured members; gives how many have one.

    Belongs to its caller's transaction.
    """
    fit = LifetimeFit.objects.until(night).first()
    execute_sql("analytics", "prepare_predictions", {})
    if fit:
        rules = rules_of(HealthVersion.objects.latest_version())
        bought = _bought(first_member_id, last_member_id)
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, list(_predictions(fit, bought, night, rules)))
    params = {"fit": fit.pk if fit else 0, "first": first_member_id, "last": last_member_id}
    predicted, _cleared = execute_sql("analytics", "predict_lifetimes", params)
    return predicted


def _bought(first_member_id: int, last_member_id: int) -> list[MemberMetrics]:
    """The figures of members in a range who bought and whose membership goes on."""
    metrics = MemberMetrics.objects.filter(
        member__gte=first_member_id, member__lte=last_member_id, orders__gt=0
    )
    open_ones = metrics.exclude(member__status=Member.Status.CLOSED).order_by("member")
    needed = ("first_purchase_on", "last_purchase_on", "orders", "purchase_days", "money")
    return list(open_ones.only(*needed, "later_amount"))


def _predictions(
    fit: LifetimeFit, bought: list[MemberMetrics], night: date, rules: HealthRules
) -> Iterable[tuple[int, float, float, int, float]]:
    """Rows of member, chance to come again, purchases, value in minor units, Loyalty Index."""
    histories = _histories(bought, night - timedelta(days=1))
    returning = Returning(r=fit.r, alpha=fit.alpha, a=fit.a, b=fit.b)
    spending = Spending(p=fit.p, q=fit.q, gamma=fit.gamma)
    weeks = settings.LIFETIME_HORIZON_DAYS / DAYS_A_WEEK
    purchases = np.maximum(returning.expected_after(histories, weeks), 0.0)
    value = purchases * spending.expected(histories)
    minor = np.rint(value * 10 ** minor_digits()).astype(np.int64).tolist()
    return zip(
        (metrics.member_id for metrics in bought),
        returning.alive(histories).tolist(),
        purchases.tolist(),
        minor,
        _indexes(bought, minor, night, rules),
        strict=True,
    )


def _indexes(
    bought: list[MemberMetrics], values: list[int], night: date, rules: HealthRules
) -> Iterable[float]:
    """The Loyalty Index of each, from the predicted value as it is kept."""
    unit = 10 ** minor_digits()
    for metrics, value in zip(bought, values, strict=True):
        yield loyalty_index(
            value=value / unit,
            later_days=metrics.purchase_days - 1,
            age_days=(night - (metrics.first_purchase_on or night)).days,
            order_amount=float(metrics.money) / metrics.orders,
            rules=rules,
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
