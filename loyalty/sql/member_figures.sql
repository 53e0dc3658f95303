-- One member's figures in a window: spend net of refunds (each on its own date), purchases,
-- growth points earned (refunds take theirs back; what moved by merges does not count), active days
-- where they are asked for. Where nobody is merged; else `person_figures` is asked.
SELECT
    (
        SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT)
        FROM loyalty_purchase p
        WHERE p.member_id = %(member)s AND p.at >= %(window_from)s AND p.at < %(until)s
    ) - (
        SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT)
        FROM loyalty_refund r
        WHERE r.member_id = %(member)s AND r.at >= %(window_from)s AND r.at < %(until)s
    ),
    (
        SELECT COUNT(*)
        FROM loyalty_purchase p
        WHERE p.member_id = %(member)s AND p.at >= %(window_from)s AND p.at < %(until)s
    ),
    (
        SELECT CAST(COALESCE(SUM(e.points), 0) AS BIGINT)
        FROM loyalty_pointsentry e
        JOIN loyalty_pointsaccount a ON a.id = e.account_id
        JOIN loyalty_pointtype t ON t.id = a.point_type_id
        WHERE a.member_id = %(member)s AND t.code = %(growth)s AND e.kind <> 'merge'
            AND e.at >= %(window_from)s AND e.at < %(until)s
    ),
    CASE
        WHEN %(counts_days)s = 1 THEN (
            SELECT COUNT(*)
            FROM (
                SELECT p.business_date
                FROM loyalty_purchase p
                WHERE p.member_id = %(member)s
                    AND p.at >= %(window_from)s AND p.at < %(until)s
                UNION
                SELECT a.business_date
                FROM loyalty_activity a
                WHERE a.member_id = %(member)s
                    AND
-- include parts/makes_active_day
                    AND a.at >= %(window_from)s AND a.at < %(until)s
                UNION
                SELECT d.business_date
                FROM members_portalday d
                WHERE d.member_id = %(member)s
                    AND d.at >= %(window_from)s AND d.at < %(until)s
            ) days
        )
        ELSE 0
    END;
