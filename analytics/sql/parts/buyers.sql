-- Who bought, and how often; orders of one day are one day.
-- include parts/counted
days AS (
    SELECT member_id, business_date, COUNT(*) AS orders
    FROM counted
    GROUP BY member_id, business_date
),
buyers AS (
    SELECT
        member_id, CAST(SUM(orders) AS BIGINT) AS orders, COUNT(*) AS days,
        CAST(SUM(
            CASE WHEN business_date >= %(since_365)s THEN orders ELSE 0 END
        ) AS BIGINT) AS orders_365,
        MIN(business_date) AS first_on, MAX(business_date) AS last_on
    FROM days
    GROUP BY member_id
)
