-- Tell the active members of a range who are in the segment on the day, each once.
INSERT INTO members_notice (member_id, kind, key, params, business_date, created_at)
SELECT m.id, %(kind)s, %(key)s, %(params)s, %(business_date)s, %(now)s
FROM members_member m
WHERE m.id >= %(first)s AND m.id <= %(last)s AND m.status = 'active'
  AND EXISTS (
    SELECT 1
    FROM members_segmentmembership s
    WHERE s.member_id = m.id AND s.segment_id = %(segment)s
      AND s.from_on <= %(business_date)s AND (s.until_on IS NULL OR s.until_on > %(business_date)s)
  )
ON CONFLICT (member_id, key) DO NOTHING;
