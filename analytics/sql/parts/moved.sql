-- What members paid and, less than nothing, what was given back to them, before %(before)s. Money
-- that a refund gives back for a named purchase counts as that purchase's day's (`spent_on`).
moved AS (
    SELECT p.member_id, p.business_date, p.business_date AS spent_on, p.amount
    FROM loyalty_purchase p
    WHERE p.member_id >= %(first)s AND p.member_id <= %(last)s
        AND p.business_date < %(before)s
    UNION ALL
    SELECT r.member_id, r.business_date, COALESCE(named.business_date, r.business_date), -r.amount
    FROM loyalty_refund r
    LEFT JOIN loyalty_purchase named ON named.id = r.purchase_id
    WHERE r.member_id >= %(first)s AND r.member_id <= %(last)s
        AND r.business_date < %(before)s
)
