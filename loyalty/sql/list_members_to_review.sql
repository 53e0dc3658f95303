-- Members whose tier this night looks at: no standing yet, a validity that has ended, or a fact
-- since their last review. Who joined at the cutoff or later is the next night's; who stands on a
-- rung that was taken out of the ladder is being moved already.
INSERT INTO loyalty_listed (member_id)
SELECT m.id
FROM members_member m
LEFT JOIN loyalty_standing s
    ON s.member_id = m.id AND s.member_id >= %(first)s AND s.member_id <= %(last)s
WHERE m.id >= %(first)s AND m.id <= %(last)s
    AND m.status <> 'closed'
    AND m.joined_at < %(cutoff)s
    AND (
        s.id IS NULL
        OR s.tier_id NOT IN (SELECT gone.id FROM loyalty_tier gone WHERE gone.rank >= 10000)
    )
    AND (
        s.id IS NULL
        OR s.has_late_fact
        OR s.valid_until <= %(cutoff)s
        OR EXISTS (
            SELECT 1 FROM loyalty_purchase p
            WHERE p.member_id = m.id AND p.at >= s.reviewed_at AND p.at < %(cutoff)s
        )
        OR EXISTS (
            SELECT 1 FROM loyalty_refund r
            WHERE r.member_id = m.id AND r.at >= s.reviewed_at AND r.at < %(cutoff)s
        )
        OR EXISTS (
            SELECT 1
            FROM loyalty_pointsaccount a
            JOIN loyalty_pointsentry e ON e.account_id = a.id
            WHERE a.member_id = m.id AND a.point_type_id = %(growth)s
                AND e.at >= s.reviewed_at AND e.at < %(cutoff)s
        )
        OR (
            %(counts_days)s = 1
            AND (
                EXISTS (
                    SELECT 1 FROM loyalty_activity a
                    WHERE a.member_id = m.id
                        AND
-- include parts/makes_active_day
                        AND a.at >= s.reviewed_at AND a.at < %(cutoff)s
                )
                OR EXISTS (
                    SELECT 1 FROM members_portalday d
                    WHERE d.member_id = m.id AND d.at >= s.reviewed_at AND d.at < %(cutoff)s
                )
            )
        )
    );

-- The planner knows nothing of what a transaction has just written.
ANALYZE loyalty_listed;
