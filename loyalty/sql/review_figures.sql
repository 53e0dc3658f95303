-- Figures of each member's window: spend net of refunds, each on its own date; purchases; growth
-- points. The bounds of the range are said again of each table: the planner would not see them in
-- the members listed, and read the tables whole.
UPDATE loyalty_review
SET spend = f.spend, orders = f.orders, growth = f.growth
FROM (
    SELECT facts.member_id, SUM(facts.spend) AS spend, SUM(facts.orders) AS orders,
        SUM(facts.growth) AS growth
    FROM (
        SELECT p.member_id, p.amount AS spend, 1 AS orders, 0 AS growth
        FROM loyalty_review v
        JOIN loyalty_purchase p
            ON p.member_id = v.member_id AND p.at >= v.window_from AND p.at < %(cutoff)s
        WHERE p.member_id >= %(first)s AND p.member_id <= %(last)s
        UNION ALL
        SELECT r.member_id, -r.amount, 0, 0
        FROM loyalty_review v
        JOIN loyalty_refund r
            ON r.member_id = v.member_id AND r.at >= v.window_from AND r.at < %(cutoff)s
        WHERE r.member_id >= %(first)s AND r.member_id <= %(last)s
        UNION ALL
        SELECT a.member_id, 0, 0, e.points
        FROM loyalty_review v
        JOIN loyalty_pointsaccount a
            ON a.member_id = v.member_id AND a.point_type_id = %(growth)s
        JOIN loyalty_pointsentry e
            ON e.account_id = a.id AND e.at >= v.window_from AND e.at < %(cutoff)s
        WHERE a.member_id >= %(first)s AND a.member_id <= %(last)s
    ) facts
    GROUP BY facts.member_id
) f
WHERE loyalty_review.member_id = f.member_id;
