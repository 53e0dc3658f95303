-- Net money of the members in `taken`, before and after each first had the benefit, and what it
-- cost in the days after; only of those whose days after are over.
had AS (SELECT member_id, MIN(taken_on) AS first_on FROM taken GROUP BY member_id),
-- include parts/spans_around
,
over AS (SELECT * FROM spans WHERE until_on <= %(before)s),
costs AS (
    SELECT SUM(taken.cost) AS amount
    FROM over
    JOIN taken ON taken.member_id = over.member_id AND taken.taken_on < over.until_on
),
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
    CAST(ROUND(COALESCE((SELECT amount FROM costs), 0)) AS BIGINT),
    CAST(COALESCE(SUM(sums.earlier), 0) AS BIGINT),
    CAST(COALESCE(SUM(sums.later), 0) AS BIGINT)
FROM over
LEFT JOIN sums ON sums.member_id = over.member_id;
