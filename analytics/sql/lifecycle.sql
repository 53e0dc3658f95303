-- Members by stage and days: `moved` went on after so many days, `waiting` have been there so long,
-- `since` have two orders or more, the last so many days ago.
WITH
-- include parts/counted
ordered AS (
    SELECT
        member_id, business_date,
        ROW_NUMBER() OVER (PARTITION BY member_id ORDER BY business_date) AS place
    FROM counted
),
stages AS (
    SELECT
        member_id,
        MIN(business_date) AS first_on,
        MIN(CASE WHEN place = 2 THEN business_date END) AS second_on,
        MAX(business_date) AS last_on
    FROM ordered
    GROUP BY member_id
),
staged AS (
    SELECT m.joined_on, stages.first_on, stages.second_on, stages.last_on
    FROM members_member m
    LEFT JOIN stages ON stages.member_id = m.id
    WHERE m.joined_on < %(before)s OR stages.first_on IS NOT NULL
),
-- include parts/gaps
,
told AS (
    SELECT
        'joined' AS stage,
        CASE WHEN first_on IS NULL THEN 'waiting' ELSE 'moved' END AS what,
        CASE WHEN first_on IS NULL THEN since_joined ELSE to_first END AS days
    FROM gaps
    UNION ALL
    SELECT
        'first',
        CASE WHEN second_on IS NULL THEN 'waiting' ELSE 'moved' END,
        CASE WHEN second_on IS NULL THEN since_first ELSE to_second END
    FROM gaps
    WHERE first_on IS NOT NULL
    UNION ALL
    SELECT 'second', 'since', since_last FROM gaps WHERE second_on IS NOT NULL
)
SELECT stage, what, days, COUNT(*) FROM told GROUP BY stage, what, days;
