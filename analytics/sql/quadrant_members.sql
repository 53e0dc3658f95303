-- Members of one quadrant, who spent most first, then who interacted most.
WITH
-- include parts/interacted
SELECT m.member_id, COALESCE(interacted.days, 0) AS days, m.money_90
FROM analytics_membermetrics m
LEFT JOIN interacted ON interacted.member_id = m.member_id
WHERE (CASE WHEN m.money_90 > 0 THEN 1 ELSE 0 END) = %(spends)s
    AND (CASE WHEN interacted.days > 0 THEN 1 ELSE 0 END) = %(interacts)s
ORDER BY m.money_90 DESC, days DESC, m.member_id
LIMIT %(limit)s OFFSET %(offset)s;
