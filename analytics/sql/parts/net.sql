-- What members paid less what was given back to them, each on its own day: ever before
-- %(before)s, and since two days before it.
net AS (
    SELECT
        member_id,
        CAST(SUM(amount) AS BIGINT) AS amount,
        CAST(SUM(CASE WHEN business_date >= %(since_365)s THEN amount ELSE 0 END) AS BIGINT)
            AS amount_365,
        CAST(SUM(CASE WHEN business_date >= %(since_90)s THEN amount ELSE 0 END) AS BIGINT)
            AS amount_90
    FROM (
        SELECT p.member_id, p.business_date, p.amount
        FROM loyalty_purchase p
        WHERE p.member_id >= %(first)s AND p.member_id <= %(last)s
            AND p.business_date < %(before)s
        UNION ALL
        SELECT r.member_id, r.business_date, -r.amount
        FROM loyalty_refund r
        WHERE r.member_id >= %(first)s AND r.member_id <= %(last)s
            AND r.business_date < %(before)s
    ) moved
    GROUP BY member_id
)
