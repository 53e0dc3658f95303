-- Net money of the members who had it, before and after; only those whose days after are over.
WITH
-- include parts/had_reward
,
-- include parts/spans_around
,
over AS (SELECT * FROM spans WHERE until_on <= %(before)s),
-- include parts/moved
,
sums AS (
    SELECT
        over.member_id,
        SUM(CASE WHEN moved.business_date < over.first_on THEN moved.amount ELSE 0 END) AS earlier,
        SUM(CASE WHEN moved.business_date >= over.first_on THEN moved.amount ELSE 0 END) AS later
    FROM over
    JOIN moved ON moved.member_id = over.member_id
        AND moved.business_date >= over.since_on AND moved.business_date < over.until_on
    GROUP BY over.member_id
)
SELECT
    COUNT(*),
    CAST(COALESCE(SUM(over.cost), 0) AS BIGINT),
    CAST(COALESCE(SUM(sums.earlier), 0) AS BIGINT),
    CAST(COALESCE(SUM(sums.later), 0) AS BIGINT)
FROM over
LEFT JOIN sums ON sums.member_id = over.member_id;
