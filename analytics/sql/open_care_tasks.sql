-- The severest level of each member; rows that do not change are not written.
UPDATE analytics_membermetrics
SET warning_id = worst.level_id
FROM (
    SELECT w.member_id, w.level_id
    FROM analytics_warned w
    WHERE NOT EXISTS (
        SELECT 1 FROM analytics_warned s
        WHERE s.member_id = w.member_id AND s.severity > w.severity
    )
) AS worst
WHERE worst.member_id = analytics_membermetrics.member_id
    AND (
        analytics_membermetrics.warning_id IS NULL
        OR analytics_membermetrics.warning_id <> worst.level_id
    );

UPDATE analytics_membermetrics
SET warning_id = NULL
WHERE member_id >= %(first)s AND member_id <= %(last)s
    AND warning_id IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM analytics_warned w
        WHERE w.member_id = analytics_membermetrics.member_id
    );

-- Of one kind only the severest level opens a task; not while one is live, and not soon again.
INSERT INTO analytics_caretask (
    member_id, level_id, status, owner_id, opened_on, due_on, suggested_en, suggested_zh,
    threshold, last_interaction_on, last_purchase_on, score, past_score, money_365, action, note
)
SELECT
    w.member_id, w.level_id, 'open', w.owner_id, %(night)s, w.due_on, l.action_en, l.action_zh,
    w.threshold, m.last_interaction_on, m.last_purchase_on, m.health_score, m.past_score,
    m.money_365, '', ''
FROM analytics_warned w
JOIN analytics_warninglevel l ON l.id = w.level_id
JOIN analytics_membermetrics m ON m.member_id = w.member_id
WHERE w.is_news = 1
    AND NOT EXISTS (
        SELECT 1 FROM analytics_warned s
        WHERE s.member_id = w.member_id AND s.kind = w.kind AND s.threshold > w.threshold
    )
    AND NOT EXISTS (
        SELECT 1 FROM analytics_caretask t
        WHERE t.member_id = w.member_id AND t.level_id = w.level_id
            AND (t.status IN ('open', 'acted') OR t.ended_on > w.quiet_since)
    );

UPDATE analytics_caretask
SET status = 'replaced', ended_on = %(night)s
WHERE member_id >= %(first)s AND member_id <= %(last)s
    AND status = 'open'
    AND EXISTS (
        SELECT 1
        FROM analytics_caretask severer
        JOIN analytics_warninglevel l ON l.id = severer.level_id
        JOIN analytics_warninglevel own ON own.id = analytics_caretask.level_id
        WHERE severer.member_id = analytics_caretask.member_id
            AND severer.status IN ('open', 'acted')
            AND l.kind = own.kind AND severer.threshold > analytics_caretask.threshold
    );
