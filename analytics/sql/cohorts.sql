WITH
-- include parts/counted
-- include parts/months
,
firsts AS (SELECT member_id, MIN(month) AS first_month FROM months GROUP BY member_id)
SELECT firsts.first_month, months.month, COUNT(*)
FROM months
JOIN firsts ON firsts.member_id = months.member_id
GROUP BY firsts.first_month, months.month;
