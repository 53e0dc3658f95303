-- Members of one quadrant, who spent most first, then who interacted most.
WITH
-- include parts/quadrants
SELECT member_id, days, money_90
FROM quadrants
WHERE quadrant = %(quadrant)s
ORDER BY money_90 DESC, days DESC, member_id
LIMIT %(limit)s OFFSET %(offset)s;
