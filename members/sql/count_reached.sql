-- Of a segment's active members on a day: how many there are, and how many agreed to each channel.
WITH meant AS (
  SELECT m.id, m.phone, m.email
  FROM members_member m
  WHERE m.status = 'active' AND m.id IN (
    SELECT s.member_id
    FROM members_segmentmembership s
    WHERE s.segment_id = %(segment)s
      AND s.from_on <= %(day)s AND (s.until_on IS NULL OR s.until_on > %(day)s)
  )
), said AS (
  SELECT
    c.member_id, c.channel, c.is_granted,
    ROW_NUMBER() OVER (PARTITION BY c.member_id, c.channel ORDER BY c.at DESC, c.id DESC) AS place
  FROM members_consent c
  JOIN meant m ON m.id = c.member_id
)
SELECT 'in_app' AS channel, COUNT(*) AS members FROM meant
UNION ALL
SELECT said.channel, COUNT(*)
FROM said
JOIN meant m ON m.id = said.member_id
WHERE said.place = 1 AND said.is_granted
  AND (said.channel <> 'email' OR m.email IS NOT NULL)
  AND (said.channel <> 'sms' OR m.phone IS NOT NULL)
  AND said.channel IN ('email', 'sms', 'wechat')
GROUP BY said.channel;
