-- Everyone of a range who stands on the ladder. Who has no place yet gets one from the night.
INSERT INTO loyalty_listed (member_id)
SELECT s.member_id
FROM loyalty_standing s
JOIN members_member m ON m.id = s.member_id
WHERE s.member_id >= %(first)s AND s.member_id <= %(last)s AND m.status <> 'closed';

-- The planner knows nothing of what a transaction has just written.
ANALYZE loyalty_listed;
