-- Purchases that count, of members, from %(first)s to %(last)s, of days before %(before)s: with
-- something in them that had a price (one paid in points has, one of gifts only has not), and not
-- given back as a whole by refunds that name them. What members did who were merged is the kept one's.
counted AS (
    SELECT p.id, p.member_id, p.business_date, p.at, p.store_id
    FROM loyalty_purchase p
    WHERE p.member_id >= %(first)s AND p.member_id <= %(last)s
        AND p.business_date < %(before)s
        AND
-- include parts/had_price
        AND p.id NOT IN (
            SELECT whole.id
            FROM loyalty_refund r
            JOIN loyalty_purchase whole ON whole.id = r.purchase_id
            WHERE whole.member_id >= %(first)s AND whole.member_id <= %(last)s
                AND r.business_date < %(before)s
            GROUP BY whole.id, whole.amount
            HAVING SUM(r.amount) >= whole.amount
        )
        AND p.member_id NOT IN (
            SELECT merged_id FROM members_membermerge WHERE undone_at IS NULL
        )
    UNION ALL
    SELECT p.id, m.kept_id, p.business_date, p.at, p.store_id
    FROM members_membermerge m
    JOIN loyalty_purchase p ON p.member_id = m.merged_id
    WHERE m.undone_at IS NULL AND m.kept_id >= %(first)s AND m.kept_id <= %(last)s
        AND p.business_date < %(before)s
        AND
-- include parts/had_price
        AND NOT EXISTS (
            SELECT r.purchase_id FROM loyalty_refund r
            WHERE r.purchase_id = p.id AND r.business_date < %(before)s
            GROUP BY r.purchase_id
            HAVING SUM(r.amount) >= p.amount
        )
),
