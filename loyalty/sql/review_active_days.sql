-- Days of each member's window with a purchase, an activity that counts or a visit of the portal.
UPDATE loyalty_review
SET active_days = 0;

UPDATE loyalty_review
SET active_days = f.days
FROM (
    SELECT active.member_id, COUNT(*) AS days
    FROM (
        SELECT p.member_id, p.business_date
        FROM loyalty_review v
        JOIN loyalty_purchase p
            ON p.member_id = v.member_id AND p.at >= v.window_from AND p.at < %(cutoff)s
        WHERE p.member_id >= %(first)s AND p.member_id <= %(last)s
        UNION
        SELECT a.member_id, a.business_date
        FROM loyalty_review v
        JOIN loyalty_activity a
            ON a.member_id = v.member_id AND a.at >= v.window_from AND a.at < %(cutoff)s
        WHERE a.kind IN ('check_in', 'review', 'share', 'event_attended')
            AND a.member_id >= %(first)s AND a.member_id <= %(last)s
        UNION
        SELECT d.member_id, d.business_date
        FROM loyalty_review v
        JOIN members_portalday d
            ON d.member_id = v.member_id AND d.at >= v.window_from AND d.at < %(cutoff)s
        WHERE d.member_id >= %(first)s AND d.member_id <= %(last)s
    ) active
    GROUP BY active.member_id
) f
WHERE loyalty_review.member_id = f.member_id;
