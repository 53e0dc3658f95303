-- Back is who did again what was missed, on or after the day of the action (of opening, where
-- nobody acted), and before the night; or whose score is where it was.
UPDATE analytics_caretask
SET status = 'returned', ended_on = %(night)s, came_back_on = found.came_back_on
FROM (
    SELECT
        t.id,
        CASE
            WHEN l.kind = 'falling_score' THEN m.business_date
            WHEN l.kind = 'no_purchase' THEN m.last_purchase_on
            WHEN m.last_interaction_on IS NULL THEN m.last_purchase_on
            WHEN m.last_purchase_on IS NULL OR m.last_purchase_on < m.last_interaction_on
            THEN m.last_interaction_on
            ELSE m.last_purchase_on
        END AS came_back_on
    FROM analytics_caretask t
    JOIN analytics_warninglevel l ON l.id = t.level_id
    JOIN analytics_membermetrics m ON m.member_id = t.member_id
    WHERE t.member_id >= %(first)s AND t.member_id <= %(last)s
        AND t.status IN ('open', 'acted')
        AND m.business_date >= t.opened_on
        AND (
            (l.kind = 'falling_score' AND m.health_score >= t.past_score)
            OR (
                l.kind <> 'falling_score'
                AND m.last_purchase_on >= COALESCE(t.acted_on, t.opened_on)
            )
            OR (
                l.kind = 'no_interaction'
                AND m.last_interaction_on >= COALESCE(t.acted_on, t.opened_on)
            )
        )
) AS found
WHERE found.id = analytics_caretask.id;

UPDATE analytics_caretask
SET status = 'not_returned', ended_on = %(night)s
WHERE member_id >= %(first)s AND member_id <= %(last)s
    AND status = 'acted'
    AND acted_on <= %(measured_from)s;
