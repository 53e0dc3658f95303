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
        MIN(business_date) AS first_on, MAX(business_date) AS last_on
    FROM days
    GROUP BY member_id
)
