-- One greeting per active member, holiday and year; who has had it gets no other.
-- (PostgreSQL wants the types of what a SELECT lists.)
INSERT INTO members_notice (member_id, kind, key, params, business_date, created_at)
SELECT
    m.id, 'holiday', %(key)s, CAST(%(params)s AS jsonb), CAST(%(business_date)s AS date),
    CAST(%(now)s AS timestamptz)
FROM members_member m
WHERE m.id >= %(first)s AND m.id <= %(last)s AND m.status = 'active' AND m.joined_on < %(business_date)s
ON CONFLICT (member_id, key) DO NOTHING;
