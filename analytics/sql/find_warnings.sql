-- Of whom one level holds. What was never done counts from the day of joining.
INSERT INTO analytics_warned (
    member_id, level_id, kind, severity, threshold, is_news, owner_id, due_on, quiet_since
)
SELECT
    m.member_id, %(level)s, %(kind)s, %(rank)s, %(threshold)s,
    CASE
        WHEN %(kind)s = 'no_interaction' AND (
            p.joined_on >= %(seen_since)s
            OR m.last_interaction_on >= %(seen_since)s
            OR m.last_purchase_on >= %(seen_since)s
        ) THEN 1
        WHEN %(kind)s = 'no_purchase' AND m.last_purchase_on >= %(seen_since)s THEN 1
        WHEN %(kind)s = 'falling_score' THEN 1
        ELSE 0
    END,
    %(owner)s, %(due_on)s, %(quiet_since)s
FROM analytics_membermetrics m
JOIN members_member p ON p.id = m.member_id
WHERE m.member_id >= %(first)s AND m.member_id <= %(last)s
    AND p.status <> 'closed'
    AND (
        (
            %(kind)s = 'no_interaction'
            AND p.joined_on <= %(last_seen)s
            AND (m.last_interaction_on IS NULL OR m.last_interaction_on <= %(last_seen)s)
            AND (m.last_purchase_on IS NULL OR m.last_purchase_on <= %(last_seen)s)
        )
        OR (%(kind)s = 'no_purchase' AND m.last_purchase_on <= %(last_seen)s)
        OR (
            %(kind)s = 'falling_score'
            AND m.past_score - m.health_score >= %(threshold)s
        )
    );
