-- One person's figures in a window: spend net of refunds (each on its own date), purchases,
-- growth points earned (refunds take theirs back), active days where they are asked for. The member
-- is also who was merged into them; growth points that moved by that do not count again.
WITH person AS (
    SELECT CAST(%(member)s AS BIGINT) AS id
    UNION ALL
    SELECT m.merged_id FROM members_membermerge m
    WHERE m.kept_id = %(member)s AND m.undone_at IS NULL
)
SELECT
    (
        SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT)
        FROM person
        JOIN loyalty_purchase p ON p.member_id = person.id
        WHERE p.at >= %(window_from)s AND p.at < %(until)s
    ) - (
        SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT)
        FROM person
        JOIN loyalty_refund r ON r.member_id = person.id
        WHERE r.at >= %(window_from)s AND r.at < %(until)s
    ),
    (
        SELECT COUNT(*)
        FROM person
        JOIN loyalty_purchase p ON p.member_id = person.id
        WHERE p.at >= %(window_from)s AND p.at < %(until)s
    ),
    (
        SELECT CAST(COALESCE(SUM(e.points), 0) AS BIGINT)
        FROM person
        JOIN loyalty_pointsaccount a ON a.member_id = person.id
        JOIN loyalty_pointtype t ON t.id = a.point_type_id
        JOIN loyalty_pointsentry e ON e.account_id = a.id
        WHERE t.code = %(growth)s AND e.kind <> 'merge'
            AND e.at >= %(window_from)s AND e.at < %(until)s
    ),
    CASE
        WHEN %(counts_days)s = 1 THEN (
            SELECT COUNT(*)
            FROM (
                SELECT p.business_date
                FROM person
                JOIN loyalty_purchase p ON p.member_id = person.id
                WHERE p.at >= %(window_from)s AND p.at < %(until)s
                UNION
                SELECT a.business_date
                FROM person
                JOIN loyalty_activity a ON a.member_id = person.id
                WHERE
-- include parts/makes_active_day
                    AND a.at >= %(window_from)s AND a.at < %(until)s
                UNION
                SELECT d.business_date
                FROM person
                JOIN members_portalday d ON d.member_id = person.id
                WHERE d.at >= %(window_from)s AND d.at < %(until)s
            ) days
        )
        ELSE 0
    END;
