"""Shoppers who also come to the portal, do things there, and buy by lines at stores."""

from datetime import date

from django.db import connection, transaction

from loyalty.models import ProductCategory
from members.models import Store

from . import books, shoppers

_STATEMENTS = (
    "UPDATE loyalty_purchase SET store_id = %(store)s + member_id %% 3",
    """
INSERT INTO loyalty_purchaseline (
    purchase_id, number, category_id, sku, description, quantity, unit_price, amount
)
SELECT id, 1, %(category)s + id %% 3, 'A', '', 1, 1, amount FROM loyalty_purchase
""",
    """
INSERT INTO members_portalday (member_id, business_date, at)
SELECT m, day, day
FROM generate_series(1, %(members)s) m, generate_series(1, 4) j,
    LATERAL (
        SELECT CAST(%(night)s AS date)
            - (1 + 25 * (j - 1) + CAST(hashint8(m * 4 + j)::bigint & 15 AS integer)) AS day
    ) d
""",
    """
INSERT INTO loyalty_activity (member_id, kind, key, at, business_date, streak, recorded_at)
SELECT m, CASE j WHEN 1 THEN 'check_in' WHEN 2 THEN 'review' ELSE 'share' END, j::text, day, day,
    0, day
FROM generate_series(1, %(members)s) m, generate_series(1, 3) j,
    LATERAL (
        SELECT CAST(%(night)s AS date)
            - (1 + CAST(hashint8(m * 4 + j)::bigint & 127 AS integer)) AS day
    ) d
""",
    """
INSERT INTO analytics_behaviourday (member_id, business_date, events)
SELECT m, CAST(%(night)s AS date) - (1 + 20 * (j - 1) + m %% 15), 1 + m %% 20
FROM generate_series(1, %(members)s) m, generate_series(1, 3) j
""",
)


def build(members: int, *, first_night: date) -> None:
    """So many members with five purchases, four days in the portal, three of each of the rest."""
    shoppers.build(members, first_night=first_night)
    stores = [Store.objects.create(code=f"S{place}", name_en="Store") for place in range(3)]
    categories = [
        ProductCategory.objects.create(code=f"c{place}", name_en="Kind") for place in range(3)
    ]
    params: dict[str, object] = {
        "members": members,
        "night": first_night,
        "store": stores[0].pk,
        "category": categories[0].pk,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # The rows are right by construction: foreign keys are not looked up one by one.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in _STATEMENTS:
            cursor.execute(statement, params)
    books.settle()


def forget_metrics() -> None:
    """As before the first night that measures."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE analytics_membermetrics CASCADE")
    books.settle()
