-- A standing is what its member's last change says, an override lifts to one thing for some time,
-- and at the last review no tier above was earned. (What was judged by an older wording of the
-- ladder, or missed a late fact, is for the next night.)
SELECT
    'standing' AS subject, s.id, CAST(NULL AS BIGINT) AS account,
    'tier of the last change' AS what, c.to_tier_id AS expected, s.tier_id AS found
FROM loyalty_standing s
LEFT JOIN loyalty_tierchange c
    ON c.id = (SELECT MAX(l.id) FROM loyalty_tierchange l WHERE l.member_id = s.member_id)
WHERE c.id IS NULL OR c.to_tier_id <> s.tier_id
UNION ALL
SELECT
    'standing', s.id, NULL, 'end of the last change', 1, 0
FROM loyalty_standing s
JOIN loyalty_tierchange c
    ON c.id = (SELECT MAX(l.id) FROM loyalty_tierchange l WHERE l.member_id = s.member_id)
WHERE c.valid_until <> s.valid_until
    OR (c.valid_until IS NULL AND s.valid_until IS NOT NULL)
    OR (c.valid_until IS NOT NULL AND s.valid_until IS NULL)
UNION ALL
SELECT
    'tier change', l.id, NULL, 'standings of its member', 1, 0
FROM loyalty_tierchange l
WHERE NOT EXISTS (SELECT 1 FROM loyalty_standing s WHERE s.member_id = l.member_id)
    AND l.id = (SELECT MAX(o.id) FROM loyalty_tierchange o WHERE o.member_id = l.member_id)
UNION ALL
SELECT
    'tier override', o.id, NULL, 'aims', 1,
    CASE WHEN o.tier_id IS NULL THEN 0 ELSE 1 END + CASE WHEN o.steps > 0 THEN 1 ELSE 0 END
FROM loyalty_tieroverride o
WHERE (CASE WHEN o.tier_id IS NULL THEN 0 ELSE 1 END + CASE WHEN o.steps > 0 THEN 1 ELSE 0 END) <> 1
UNION ALL
SELECT
    'tier override', o.id, NULL, 'begins before its end', 1, 0
FROM loyalty_tieroverride o
WHERE o.starts_at >= o.ends_at
UNION ALL
SELECT
    'standing', f.standing_id, NULL, 'rank at the last review', MAX(above.rank), f.rank
FROM (
    SELECT
        s.id AS standing_id, held.rank,
        COALESCE((
            SELECT SUM(p.amount) FROM loyalty_purchase p
            WHERE p.member_id = s.member_id
                AND p.at >= COALESCE(s.window_from, %(ever)s) AND p.at < s.reviewed_at
        ), 0) - COALESCE((
            SELECT SUM(r.amount) FROM loyalty_refund r
            WHERE r.member_id = s.member_id
                AND r.at >= COALESCE(s.window_from, %(ever)s) AND r.at < s.reviewed_at
        ), 0) + COALESCE((
            SELECT SUM(p.amount) FROM members_membermerge m
            JOIN loyalty_purchase p ON p.member_id = m.merged_id
            WHERE m.kept_id = s.member_id AND m.undone_at IS NULL
                AND p.at >= COALESCE(s.window_from, %(ever)s) AND p.at < s.reviewed_at
        ), 0) - COALESCE((
            SELECT SUM(r.amount) FROM members_membermerge m
            JOIN loyalty_refund r ON r.member_id = m.merged_id
            WHERE m.kept_id = s.member_id AND m.undone_at IS NULL
                AND r.at >= COALESCE(s.window_from, %(ever)s) AND r.at < s.reviewed_at
        ), 0) AS spend,
        (
            SELECT COUNT(*) FROM loyalty_purchase p
            WHERE p.member_id = s.member_id
                AND p.at >= COALESCE(s.window_from, %(ever)s) AND p.at < s.reviewed_at
        ) + (
            SELECT COUNT(*) FROM members_membermerge m
            JOIN loyalty_purchase p ON p.member_id = m.merged_id
            WHERE m.kept_id = s.member_id AND m.undone_at IS NULL
                AND p.at >= COALESCE(s.window_from, %(ever)s) AND p.at < s.reviewed_at
        ) AS orders,
        COALESCE((
            SELECT SUM(e.points)
            FROM loyalty_pointsaccount a
            JOIN loyalty_pointsentry e ON e.account_id = a.id
            WHERE a.member_id = s.member_id AND a.point_type_id = %(growth)s AND e.kind <> 'merge'
                AND e.at >= COALESCE(s.window_from, %(ever)s) AND e.at < s.reviewed_at
        ), 0) + COALESCE((
            SELECT SUM(e.points)
            FROM members_membermerge m
            JOIN loyalty_pointsaccount a
                ON a.member_id = m.merged_id AND a.point_type_id = %(growth)s
            JOIN loyalty_pointsentry e ON e.account_id = a.id AND e.kind <> 'merge'
            WHERE m.kept_id = s.member_id AND m.undone_at IS NULL
                AND e.at >= COALESCE(s.window_from, %(ever)s) AND e.at < s.reviewed_at
        ), 0) AS growth,
        CASE
            WHEN %(counts_days)s = 1 THEN (
                SELECT COUNT(*)
                FROM (
                    SELECT p.business_date FROM loyalty_purchase p
                    WHERE p.member_id = s.member_id
                        AND p.at >= COALESCE(s.window_from, %(ever)s) AND p.at < s.reviewed_at
                    UNION
                    SELECT a.business_date FROM loyalty_activity a
                    WHERE a.member_id = s.member_id
                        AND
-- include parts/makes_active_day
                        AND a.at >= COALESCE(s.window_from, %(ever)s) AND a.at < s.reviewed_at
                    UNION
                    SELECT d.business_date FROM members_portalday d
                    WHERE d.member_id = s.member_id
                        AND d.at >= COALESCE(s.window_from, %(ever)s) AND d.at < s.reviewed_at
                    UNION
                    SELECT p.business_date FROM members_membermerge m
                    JOIN loyalty_purchase p ON p.member_id = m.merged_id
                    WHERE m.kept_id = s.member_id AND m.undone_at IS NULL
                        AND p.at >= COALESCE(s.window_from, %(ever)s) AND p.at < s.reviewed_at
                    UNION
                    SELECT a.business_date FROM members_membermerge m
                    JOIN loyalty_activity a ON a.member_id = m.merged_id
                    WHERE m.kept_id = s.member_id AND m.undone_at IS NULL
                        AND
-- include parts/makes_active_day
                        AND a.at >= COALESCE(s.window_from, %(ever)s) AND a.at < s.reviewed_at
                    UNION
                    SELECT d.business_date FROM members_membermerge m
                    JOIN members_portalday d ON d.member_id = m.merged_id
                    WHERE m.kept_id = s.member_id AND m.undone_at IS NULL
                        AND d.at >= COALESCE(s.window_from, %(ever)s) AND d.at < s.reviewed_at
                ) days
            )
        END AS active_days
    FROM loyalty_standing s
    JOIN loyalty_tier held ON held.id = s.tier_id
    JOIN loyalty_ladderversion judged ON judged.id = s.version_id
    WHERE judged.digest = %(digest)s AND NOT s.has_late_fact
) f
JOIN loyalty_tier above
    ON above.rank > f.rank AND above.rank < 10000
    AND (
        (
            above."join" = 'all'
            AND (above.entry_spend IS NULL OR f.spend >= above.entry_spend)
            AND (above.entry_orders IS NULL OR f.orders >= above.entry_orders)
            AND (above.entry_growth IS NULL OR f.growth >= above.entry_growth)
            AND (above.entry_active_days IS NULL OR f.active_days >= above.entry_active_days)
        )
        OR (
            above."join" = 'any'
            AND (
                f.spend >= above.entry_spend
                OR f.orders >= above.entry_orders
                OR f.growth >= above.entry_growth
                OR f.active_days >= above.entry_active_days
            )
        )
    )
GROUP BY f.standing_id, f.rank
