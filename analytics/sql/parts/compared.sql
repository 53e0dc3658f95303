-- Members who were `given` a benefit, and members of the segment %(segment)s who were not: how many,
-- and their net money from %(first_on)s until before %(until_on)s. Who is both counts on neither side.
kept AS (
    SELECT s.member_id
    FROM members_segmentmembership s
    WHERE s.segment_id = %(segment)s AND s.from_on <= %(first_on)s
        AND (s.until_on IS NULL OR s.until_on > %(first_on)s)
),
compared AS (
    SELECT member_id, 1 AS is_given FROM given
    WHERE member_id NOT IN (SELECT member_id FROM kept)
    UNION ALL
    SELECT member_id, 0 FROM kept
    WHERE member_id NOT IN (SELECT member_id FROM given)
),
-- include parts/moved
,
sums AS (
    SELECT member_id, SUM(amount) AS amount
    FROM moved
    WHERE business_date >= %(first_on)s AND business_date < %(until_on)s
    GROUP BY member_id
)
SELECT
    compared.is_given, COUNT(*), CAST(COALESCE(SUM(sums.amount), 0) AS BIGINT)
FROM compared
LEFT JOIN sums ON sums.member_id = compared.member_id
GROUP BY compared.is_given;
