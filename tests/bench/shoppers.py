"""Members who have all shopped since their tier was last looked at, built set-wise."""

from datetime import date, datetime, timedelta

from django.db import connection, transaction

from common import clock
from loyalty.models import Standing, Tier
from loyalty.services.windows import EVER

from . import books

PURCHASES = 5
# Of a hundred members twenty have spent what the second tier asks for, 500.00 in all.
_AMOUNT = "(125 * (m % 100))"

_STATEMENTS = (
    f"""
INSERT INTO loyalty_purchase (
    member_id, source, external_id, at, business_date, amount, discount, coupons, points_used,
    paid_by_points, recorded_at
)
SELECT m, 'bench', m || ':' || j, at, CAST(at AS date), {_AMOUNT}, 0, '[]', 0, 0, at
FROM generate_series(1, %(purchases)s) j, generate_series(1, %(members)s) m,
    LATERAL (
        SELECT %(shopped_at)s - (hashint8(m * 8 + j)::bigint & 127) * INTERVAL '1 day' AS at
    ) day
""".replace("m % 100", "m %% 100"),
    """
INSERT INTO loyalty_standing (
    member_id, tier_id, since, reviewed_at, has_late_fact, counts_from
)
SELECT m, %(tier)s, %(joined_at)s, %(joined_at)s, FALSE, %(ever)s
FROM generate_series(1, %(members)s) m
""",
)


def build(members: int, *, first_night: date) -> None:
    """So many members of the lowest tier with five purchases each before the first night."""
    books.build(members, first_end=first_night)
    params: dict[str, object] = {
        "members": members,
        "purchases": PURCHASES,
        "tier": Tier.objects.get(rank=0).pk,
        "joined_at": _joined_at(first_night),
        "shopped_at": clock.cutoff(first_night) - timedelta(hours=1),
        "ever": EVER,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # The rows are right by construction: foreign keys are not looked up one by one.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in _STATEMENTS:
            cursor.execute(statement, params)
    books.settle()


def forget_reviews(first_night: date) -> None:
    """Put everybody back to where they stood, so that the next night looks at everybody again."""
    Standing.objects.update(
        tier=Tier.objects.get(rank=0),
        since=_joined_at(first_night),
        reviewed_at=_joined_at(first_night),
        valid_until=None,
        counts_from=EVER,
    )
    books.settle()


def _joined_at(first_night: date) -> datetime:
    return clock.start_of(first_night - timedelta(days=300))
