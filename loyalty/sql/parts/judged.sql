-- A part of statements: what the members of `place` come to, in one pass. After the columns of
-- `place` the figures of each one's window (spend net of refunds, each on its own date; purchases;
-- growth points; days with a purchase, an activity that counts or a visit of the portal), then the
-- highest tier whose entry bounds hold, and the highest, up to the present one, whose retention
-- bounds hold (an empty retention bound is the entry bound). What members did who were merged into
-- these counts on its own date; the growth points that moved by the merge do not count again.
-- The bounds of the range are said again of each table: the planner would not see them in the
-- members listed, and read the tables whole.
SELECT
    g.*,
    (
        SELECT MAX(t.rank)
        FROM loyalty_rung t
        WHERE t.rank = 0
            OR (
                t."join" = 'all'
                AND (t.entry_spend IS NULL OR g.spend >= t.entry_spend)
                AND (t.entry_orders IS NULL OR g.orders >= t.entry_orders)
                AND (t.entry_growth IS NULL OR g.growth >= t.entry_growth)
                AND (t.entry_active_days IS NULL OR g.active_days >= t.entry_active_days)
            )
            OR (
                t."join" = 'any'
                AND (
                    g.spend >= t.entry_spend
                    OR g.orders >= t.entry_orders
                    OR g.growth >= t.entry_growth
                    OR g.active_days >= t.entry_active_days
                )
            )
    ) AS entry_rank,
    CASE
        WHEN g.from_rank > 0 THEN (
            SELECT MAX(k.rank)
            FROM (
                SELECT
                    t.rank, t."join",
                    COALESCE(t.retention_spend, t.entry_spend) AS spend,
                    COALESCE(t.retention_orders, t.entry_orders) AS orders,
                    COALESCE(t.retention_growth, t.entry_growth) AS growth,
                    COALESCE(t.retention_active_days, t.entry_active_days) AS active_days
                FROM loyalty_rung t
            ) k
            WHERE k.rank = 0
                OR (
                    k.rank <= g.from_rank
                    AND (
                        (
                            k."join" = 'all'
                            AND (k.spend IS NULL OR g.spend >= k.spend)
                            AND (k.orders IS NULL OR g.orders >= k.orders)
                            AND (k.growth IS NULL OR g.growth >= k.growth)
                            AND (k.active_days IS NULL OR g.active_days >= k.active_days)
                        )
                        OR (
                            k."join" = 'any'
                            AND (
                                g.spend >= k.spend
                                OR g.orders >= k.orders
                                OR g.growth >= k.growth
                                OR g.active_days >= k.active_days
                            )
                        )
                    )
                )
        )
        ELSE 0
    END AS kept_rank
FROM (
    SELECT
        v.*,
        COALESCE(b.spend, 0) - COALESCE(r.spend, 0) + COALESCE(x.spend, 0) AS spend,
        COALESCE(b.orders, 0) + COALESCE(x.orders, 0) AS orders,
        COALESCE(e.growth, 0) + COALESCE(x.growth, 0) AS growth,
        CASE WHEN %(counts_days)s = 1 THEN COALESCE(d.days, 0) END AS active_days
    FROM place v
    LEFT JOIN (
        SELECT p.member_id, CAST(SUM(p.amount) AS BIGINT) AS spend, COUNT(*) AS orders
        FROM place v
        JOIN loyalty_purchase p
            ON p.member_id = v.member_id AND p.at >= v.window_from AND p.at < %(cutoff)s
        WHERE p.member_id >= %(first)s AND p.member_id <= %(last)s
        GROUP BY p.member_id
    ) b ON b.member_id = v.member_id
    LEFT JOIN (
        SELECT r.member_id, CAST(SUM(r.amount) AS BIGINT) AS spend
        FROM place v
        JOIN loyalty_refund r
            ON r.member_id = v.member_id AND r.at >= v.window_from AND r.at < %(cutoff)s
        WHERE r.member_id >= %(first)s AND r.member_id <= %(last)s
        GROUP BY r.member_id
    ) r ON r.member_id = v.member_id
    LEFT JOIN (
        SELECT a.member_id, CAST(SUM(e.points) AS BIGINT) AS growth
        FROM place v
        JOIN loyalty_pointsaccount a
            ON a.member_id = v.member_id AND a.point_type_id = %(growth)s
        JOIN loyalty_pointsentry e
            ON e.account_id = a.id AND e.at >= v.window_from AND e.at < %(cutoff)s
            AND e.kind <> 'merge'
        WHERE a.member_id >= %(first)s AND a.member_id <= %(last)s
        GROUP BY a.member_id
    ) e ON e.member_id = v.member_id
    LEFT JOIN (
        SELECT active.member_id, COUNT(*) AS days
        FROM (
            SELECT p.member_id, p.business_date
            FROM place v
            JOIN loyalty_purchase p
                ON p.member_id = v.member_id AND p.at >= v.window_from AND p.at < %(cutoff)s
            WHERE %(counts_days)s = 1 AND p.member_id >= %(first)s AND p.member_id <= %(last)s
            UNION
            SELECT a.member_id, a.business_date
            FROM place v
            JOIN loyalty_activity a
                ON a.member_id = v.member_id AND a.at >= v.window_from AND a.at < %(cutoff)s
            WHERE %(counts_days)s = 1 AND a.member_id >= %(first)s AND a.member_id <= %(last)s
                AND
-- include parts/makes_active_day
            UNION
            SELECT d.member_id, d.business_date
            FROM place v
            JOIN members_portalday d
                ON d.member_id = v.member_id AND d.at >= v.window_from AND d.at < %(cutoff)s
            WHERE %(counts_days)s = 1 AND d.member_id >= %(first)s AND d.member_id <= %(last)s
            UNION
            SELECT m.kept_id, p.business_date
            FROM members_membermerge m
            JOIN place v ON v.member_id = m.kept_id
            JOIN loyalty_purchase p
                ON p.member_id = m.merged_id AND p.at >= v.window_from AND p.at < %(cutoff)s
            WHERE %(counts_days)s = 1 AND m.undone_at IS NULL
            UNION
            SELECT m.kept_id, a.business_date
            FROM members_membermerge m
            JOIN place v ON v.member_id = m.kept_id
            JOIN loyalty_activity a
                ON a.member_id = m.merged_id AND a.at >= v.window_from AND a.at < %(cutoff)s
            WHERE %(counts_days)s = 1 AND m.undone_at IS NULL
                AND
-- include parts/makes_active_day
            UNION
            SELECT m.kept_id, d.business_date
            FROM members_membermerge m
            JOIN place v ON v.member_id = m.kept_id
            JOIN members_portalday d
                ON d.member_id = m.merged_id AND d.at >= v.window_from AND d.at < %(cutoff)s
            WHERE %(counts_days)s = 1 AND m.undone_at IS NULL
        ) active
        GROUP BY active.member_id
    ) d ON d.member_id = v.member_id
    -- What members who were merged into these did: few, and one by one from their indexes.
    LEFT JOIN (
        SELECT
            m.kept_id AS member_id,
            CAST(SUM((
                SELECT COALESCE(SUM(p.amount), 0) FROM loyalty_purchase p
                WHERE p.member_id = m.merged_id
                    AND p.at >= v.window_from AND p.at < %(cutoff)s
            ) - (
                SELECT COALESCE(SUM(r.amount), 0) FROM loyalty_refund r
                WHERE r.member_id = m.merged_id
                    AND r.at >= v.window_from AND r.at < %(cutoff)s
            )) AS BIGINT) AS spend,
            CAST(SUM((
                SELECT COUNT(*) FROM loyalty_purchase p
                WHERE p.member_id = m.merged_id
                    AND p.at >= v.window_from AND p.at < %(cutoff)s
            )) AS BIGINT) AS orders,
            CAST(SUM((
                SELECT COALESCE(SUM(e.points), 0)
                FROM loyalty_pointsaccount a
                JOIN loyalty_pointsentry e ON e.account_id = a.id
                WHERE a.member_id = m.merged_id AND a.point_type_id = %(growth)s
                    AND e.at >= v.window_from AND e.at < %(cutoff)s AND e.kind <> 'merge'
            )) AS BIGINT) AS growth
        FROM members_membermerge m
        JOIN place v ON v.member_id = m.kept_id
        WHERE m.undone_at IS NULL AND m.kept_id >= %(first)s AND m.kept_id <= %(last)s
        GROUP BY m.kept_id
    ) x ON x.member_id = v.member_id
) g
