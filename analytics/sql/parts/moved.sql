-- What members paid and, less than nothing, what was given back to them, before %(before)s. Money
-- that a refund gives back for a named purchase counts as that purchase's day's (`spent_on`). Of a merged
-- member it is the kept one's.
moved AS (
    SELECT p.member_id, p.business_date, p.business_date AS spent_on, p.amount
    FROM loyalty_purchase p
    WHERE p.member_id >= %(first)s AND p.member_id <= %(last)s
        AND p.business_date < %(before)s
        AND p.member_id NOT IN (
            SELECT merged_id FROM members_membermerge WHERE undone_at IS NULL
        )
    UNION ALL
    SELECT r.member_id, r.business_date, COALESCE(named.business_date, r.business_date), -r.amount
    FROM loyalty_refund r
    LEFT JOIN loyalty_purchase named ON named.id = r.purchase_id
    WHERE r.member_id >= %(first)s AND r.member_id <= %(last)s
        AND r.business_date < %(before)s
        AND r.member_id NOT IN (
            SELECT merged_id FROM members_membermerge WHERE undone_at IS NULL
        )
    UNION ALL
    SELECT m.kept_id, p.business_date, p.business_date, p.amount
    FROM members_membermerge m
    JOIN loyalty_purchase p ON p.member_id = m.merged_id
    WHERE m.undone_at IS NULL AND m.kept_id >= %(first)s AND m.kept_id <= %(last)s
        AND p.business_date < %(before)s
    UNION ALL
    SELECT m.kept_id, r.business_date, COALESCE(named.business_date, r.business_date), -r.amount
    FROM members_membermerge m
    JOIN loyalty_refund r ON r.member_id = m.merged_id
    LEFT JOIN loyalty_purchase named ON named.id = r.purchase_id
    WHERE m.undone_at IS NULL AND m.kept_id >= %(first)s AND m.kept_id <= %(last)s
        AND r.business_date < %(before)s
)
