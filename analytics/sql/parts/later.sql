-- What buyers paid on days after their first, less refunds of it: one that names a purchase counts
-- against that purchase's day, another against its own. Never less than nothing.
later AS (
    SELECT
        b.member_id,
        CAST(CASE WHEN SUM(moved.amount) > 0 THEN SUM(moved.amount) ELSE 0 END AS BIGINT) AS amount
    FROM buyers b
    JOIN (
        SELECT p.member_id, p.business_date, p.amount
        FROM loyalty_purchase p
        WHERE p.member_id >= %(first)s AND p.member_id <= %(last)s
            AND p.business_date < %(before)s
        UNION ALL
        SELECT r.member_id, COALESCE(named.business_date, r.business_date), -r.amount
        FROM loyalty_refund r
        LEFT JOIN loyalty_purchase named ON named.id = r.purchase_id
        WHERE r.member_id >= %(first)s AND r.member_id <= %(last)s
            AND r.business_date < %(before)s
    ) moved ON moved.member_id = b.member_id AND moved.business_date > b.first_on
    GROUP BY b.member_id
)
