-- Purchases and refunds of the days %(first_on)s to %(last_on)s, guests' too. `is_order` says that a
-- purchase counts: priced, and not given back as a whole before %(before)s by refunds that name it.
-- %(since)s and %(until)s are instants that surely hold these days: indexes are by instant.
whole AS (
    SELECT r.purchase_id
    FROM loyalty_refund r
    JOIN loyalty_purchase p ON p.id = r.purchase_id
    WHERE p.at >= %(since)s AND p.at < %(until)s AND r.business_date < %(before)s
    GROUP BY r.purchase_id, p.amount
    HAVING SUM(r.amount) >= p.amount
),
sold AS (
    SELECT
        p.id, p.member_id, p.store_id, p.channel_id, p.business_date, p.amount, p.discount,
        p.paid_by_points,
        CASE
            WHEN whole.purchase_id IS NOT NULL THEN 0
            WHEN
-- include parts/had_price
            THEN 1
            ELSE 0
        END AS is_order
    FROM loyalty_purchase p
    LEFT JOIN whole ON whole.purchase_id = p.id
    WHERE p.at >= %(since)s AND p.at < %(until)s
        AND p.business_date >= %(first_on)s AND p.business_date <= %(last_on)s
),
returned AS (
    SELECT
        r.id, r.purchase_id, r.member_id, r.business_date, r.amount, named.store_id,
        named.channel_id
    FROM loyalty_refund r
    LEFT JOIN loyalty_purchase named ON named.id = r.purchase_id
    WHERE r.at >= %(since)s AND r.at < %(until)s
        AND r.business_date >= %(first_on)s AND r.business_date <= %(last_on)s
)
