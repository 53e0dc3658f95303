-- What members had of the birthday perk %(benefit)s: the gift itself, and then what it cost, on
-- which days. Money that a coupon took off, or points: given, or earned more by a multiplier.
taken AS (
    SELECT g.member_id, g.business_date AS taken_on, COALESCE(e.points, 0) AS cost
    FROM benefits_birthdaygrant g
    LEFT JOIN loyalty_pointsentry e ON e.id = g.entry_id
    WHERE g.perk_id = %(benefit)s
    UNION ALL
    SELECT g.member_id, p.business_date, u.discount
    FROM benefits_birthdaygrant g
    JOIN benefits_couponuse u ON u.coupon_id = g.coupon_id AND u.returned_at IS NULL
    JOIN loyalty_purchase p ON p.id = u.purchase_id
    WHERE g.perk_id = %(benefit)s
    UNION ALL
    SELECT
        g.member_id, e.business_date,
        CAST(COALESCE(json_extract(line.value, '$.granted'), json_extract(line.value, '$.gives')) AS NUMERIC)
    FROM benefits_birthdaygrant g
    JOIN loyalty_membermultiplier m ON m.id = g.multiplier_id
    JOIN loyalty_pointsaccount a ON a.member_id = g.member_id
    JOIN loyalty_pointtype t ON t.id = a.point_type_id AND t.is_spendable
    JOIN loyalty_pointsentry e
        ON e.account_id = a.id AND e.at >= m.starts_at AND e.at < m.ends_at AND e.kind = 'earn'
    CROSS JOIN json_each(e.breakdown, '$.multipliers') line
    WHERE g.perk_id = %(benefit)s AND json_extract(line.value, '$.boost') = m.id
)
