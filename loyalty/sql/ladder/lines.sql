-- How many go from which tier to which, with the base points that their purchases of the last
-- twelve months earned and what they spent, both net of refunds.
SELECT
    t.code, r.code, COALESCE(v.cause, ''), COUNT(*),
    CAST(COALESCE(SUM(p.points), 0) AS BIGINT), CAST(COALESCE(SUM(b.spend), 0) AS BIGINT)
FROM loyalty_review v
JOIN loyalty_standing s ON s.member_id = v.member_id
JOIN loyalty_tier t ON t.id = s.tier_id
JOIN loyalty_rung r ON r.rank = v.to_rank
LEFT JOIN (
    SELECT won.member_id, SUM(won.points) AS points
    FROM (
        SELECT u.member_id, e.points
        FROM loyalty_review w
        JOIN loyalty_purchase u
            ON u.member_id = w.member_id AND u.at >= %(year_from)s AND u.at < %(cutoff)s
        JOIN loyalty_pointsentry e ON e.purchase_id = u.id AND e.kind = 'earn'
        JOIN loyalty_pointsaccount a ON a.id = e.account_id AND a.point_type_id = %(base)s
        UNION ALL
        SELECT f.member_id, e.points
        FROM loyalty_review w
        JOIN loyalty_refund f
            ON f.member_id = w.member_id AND f.at >= %(year_from)s AND f.at < %(cutoff)s
        JOIN loyalty_pointsentry e ON e.refund_id = f.id AND e.kind = 'clawback'
        JOIN loyalty_pointsaccount a ON a.id = e.account_id AND a.point_type_id = %(base)s
    ) won
    GROUP BY won.member_id
) p ON p.member_id = v.member_id
LEFT JOIN (
    SELECT facts.member_id, SUM(facts.amount) AS spend
    FROM (
        SELECT u.member_id, u.amount
        FROM loyalty_review w
        JOIN loyalty_purchase u
            ON u.member_id = w.member_id AND u.at >= %(year_from)s AND u.at < %(cutoff)s
        UNION ALL
        SELECT f.member_id, -f.amount
        FROM loyalty_review w
        JOIN loyalty_refund f
            ON f.member_id = w.member_id AND f.at >= %(year_from)s AND f.at < %(cutoff)s
    ) facts
    GROUP BY facts.member_id
) b ON b.member_id = v.member_id
GROUP BY t.code, r.code, COALESCE(v.cause, '');
