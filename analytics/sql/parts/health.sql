-- The health of each row of `told`, which has gone_days, orders_365, money_365, money_90,
-- interactions_30, interactions_90, events_30 and events_90: as `rules/health.py` says, in
-- thousandths, each division rounded down.
shares AS (
    SELECT
        told.*,
        CASE
            WHEN gone_days IS NULL OR gone_days >= %(recency_days)s THEN 0
            ELSE (%(recency_days)s - gone_days) * 1000 / %(recency_days)s
        END AS recency_share,
        CASE
            WHEN orders_365 >= %(orders_full)s THEN 1000
            ELSE orders_365 * 1000 / %(orders_full)s
        END AS orders_share,
        CASE
            WHEN money_365 <= 0 THEN 0
            WHEN money_365 >= %(money_full)s THEN 1000
            ELSE money_365 * 1000 / %(money_full)s
        END AS money_share,
        CASE
            WHEN interactions_30 >= %(interactions_30_full)s THEN 1000
            ELSE interactions_30 * 1000 / %(interactions_30_full)s
        END AS interactions_30_share,
        CASE
            WHEN interactions_90 >= %(interactions_90_full)s THEN 1000
            ELSE interactions_90 * 1000 / %(interactions_90_full)s
        END AS interactions_90_share,
        CASE
            WHEN events_30 >= %(events_30_full)s THEN 1000
            ELSE events_30 * 1000 / %(events_30_full)s
        END AS events_30_share,
        CASE
            WHEN events_90 >= %(events_90_full)s THEN 1000
            ELSE events_90 * 1000 / %(events_90_full)s
        END AS events_90_share
    FROM told
),
thirds AS (
    SELECT
        shares.*,
        (recency_share + orders_share + money_share) / 3 AS spending,
        (interactions_30_share + interactions_90_share) / 2 AS interaction,
        (events_30_share + events_90_share) / 2 AS behaviour
    FROM shares
),
weighed AS (
    SELECT
        thirds.*,
        (
            %(spending_weight)s * spending
            + %(interaction_weight)s * interaction
            + %(behaviour_weight)s * behaviour
        ) / 1000 AS score
    FROM thirds
),
judged AS (
    SELECT
        weighed.*,
        CASE WHEN score >= %(bound_1)s THEN 1 ELSE 0 END
            + CASE WHEN score >= %(bound_2)s THEN 1 ELSE 0 END
            + CASE WHEN score >= %(bound_3)s THEN 1 ELSE 0 END
            + CASE WHEN score >= %(bound_4)s THEN 1 ELSE 0 END
            + CASE WHEN score >= %(bound_5)s THEN 1 ELSE 0 END AS band,
        CASE
            WHEN money_90 >= %(quadrant_money)s AND interactions_30 >= %(quadrant_interactions)s
            THEN 'active'
            WHEN money_90 >= %(quadrant_money)s THEN 'churn_risk'
            WHEN interactions_30 >= %(quadrant_interactions)s THEN 'low_active'
            ELSE 'silent'
        END AS quadrant
    FROM weighed
)
