-- Members of one quadrant, who spent most first, then who interacted most.
SELECT member_id, interactions_30, money_90
FROM analytics_membermetrics
WHERE quadrant = %(quadrant)s
ORDER BY money_90 DESC, interactions_30 DESC, member_id
LIMIT %(limit)s OFFSET %(offset)s;
