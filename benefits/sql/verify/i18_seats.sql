-- A session's counter counts the places that hold a seat, which are no more than its capacity; what
-- is confirmed alone is so. A place is in a session of its event. Its seat is paid for by points of
-- its member, which come back when it is cancelled. Who attended has the activity for it.
SELECT
    'session' AS subject, s.id AS id, CAST(NULL AS bigint) AS account_id, 'seats taken' AS what,
    COALESCE(r.held, 0) AS expected, s.taken AS found
FROM benefits_eventsession s
LEFT JOIN (
    SELECT session_id, COUNT(*) AS held
    FROM benefits_registration
    WHERE status IN ('offered', 'confirmed', 'attended', 'no_show')
    GROUP BY session_id
) r ON r.session_id = s.id
WHERE s.taken <> COALESCE(r.held, 0)
UNION ALL
SELECT 'session', s.id, NULL, 'within its capacity', s.capacity, COUNT(*)
FROM benefits_eventsession s
JOIN benefits_registration r ON r.session_id = s.id
WHERE r.status IN ('offered', 'confirmed', 'attended', 'no_show')
GROUP BY s.id, s.capacity
HAVING COUNT(*) > s.capacity
UNION ALL
SELECT 'registration', r.id, NULL, 'event of its session', s.event_id, r.event_id
FROM benefits_registration r
JOIN benefits_eventsession s ON s.id = r.session_id
WHERE s.event_id <> r.event_id
UNION ALL
SELECT 'registration', r.id, e.account_id, 'points that its entry took', r.points, -e.points
FROM benefits_registration r
JOIN loyalty_pointsentry e ON e.id = r.entry_id
WHERE e.points <> -r.points
UNION ALL
SELECT 'registration', r.id, e.account_id, 'member of its points', r.member_id, a.member_id
FROM benefits_registration r
JOIN loyalty_pointsentry e ON e.id = r.entry_id
JOIN loyalty_pointsaccount a ON a.id = e.account_id
WHERE a.member_id <> r.member_id
UNION ALL
SELECT 'registration', r.id, b.account_id, 'entry that its points came back by', r.entry_id,
    b.reverses_id
FROM benefits_registration r
JOIN loyalty_pointsentry b ON b.id = r.restored_by_id
WHERE b.reverses_id IS NULL OR b.reverses_id <> r.entry_id
UNION ALL
SELECT 'registration', r.id, NULL, 'activities of an attended place', 1, COUNT(a.id)
FROM benefits_registration r
LEFT JOIN loyalty_activity a
    ON a.member_id = r.member_id AND a.kind = 'event_attended' AND a.key = 'event:' || r.id
WHERE r.status = 'attended'
GROUP BY r.id
HAVING COUNT(a.id) <> 1
