-- One greeting per active member, holiday and year; who has had it gets no other.
INSERT INTO members_notice (member_id, kind, key, params, business_date, created_at)
SELECT m.id, 'holiday', %(key)s, %(params)s, %(business_date)s, %(now)s
FROM members_member m
WHERE m.id >= %(first)s AND m.id <= %(last)s AND m.status = 'active' AND m.joined_on < %(business_date)s
ON CONFLICT (member_id, key) DO NOTHING;
