"""Find which articles the same members buy."""

from datetime import date, timedelta
from math import ceil

from django.conf import settings
from django.db import transaction

from analytics.models import Companion
from common import clock
from common.sql import execute_sql, fetch_sql

# Of each member the latest articles: a member's pairs grow with the square of them.
ARTICLES_A_MEMBER = 60
CLOSEST = 12


@transaction.atomic
def find_companions(*, night: date) -> int:
    """Write what goes with what anew, from the purchases before a night; says how many pairs.

    Lines that were given back whole do not count, nor what was given for nothing. One member in
    every so many is looked at where there are more than the setting RECOMMENDATION_MEMBERS.
    """
    since_on = night - timedelta(days=settings.RECOMMENDATION_DAYS)
    params: dict[str, object] = {
        "since_on": since_on,
        "before": night,
        "since": clock.start_of(since_on) - timedelta(days=2),
        "until": clock.start_of(night) + timedelta(days=2),
    }
    ((buyers,),) = fetch_sql("analytics", "recent_buyers", params)
    execute_sql(
        "analytics",
        "find_companions",
        {
            **params,
            "every": max(1, ceil(buyers / settings.RECOMMENDATION_MEMBERS)),
            "most": ARTICLES_A_MEMBER,
            "fewest": settings.RECOMMENDATION_FEWEST,
            "closest": CLOSEST,
        },
    )
    return Companion.objects.count()
