-- Pairs of open memberships that may be one person's: the end of a phone number, ten digits (in whatever writing:
-- a customer number may be one, too), an e-mail address whatever its case (likewise), or a name and a
-- birthday. The surest first, of those the newest. A year of birth that one of them kept to themselves
-- parts nobody.
WITH told AS (
    SELECT id, 1 AS sort, SUBSTR(phone, LENGTH(phone) - 9) AS value, CAST(NULL AS SMALLINT) AS year
    FROM members_member
    WHERE status <> 'closed' AND phone IS NOT NULL
    UNION ALL
    SELECT id, 1, SUBSTR(external_number, LENGTH(external_number) - 9), CAST(NULL AS SMALLINT)
    FROM members_member
    WHERE status <> 'closed' AND LENGTH(external_number) BETWEEN 11 AND 16
        AND LTRIM(external_number, '+0123456789') = ''
    UNION ALL
    SELECT id, 2, email, CAST(NULL AS SMALLINT)
    FROM members_member
    WHERE status <> 'closed' AND email IS NOT NULL
    UNION ALL
    SELECT id, 2, LOWER(external_number), CAST(NULL AS SMALLINT)
    FROM members_member
    WHERE status <> 'closed' AND external_number LIKE '%%_@_%%'
    UNION ALL
    SELECT
        id, 3,
        LOWER(family_name) || ' ' || LOWER(given_name) || ' ' || birth_calendar || ' '
        || CAST(birth_month AS VARCHAR(2)) || ' ' || CAST(birth_day AS VARCHAR(2)),
        birth_year
    FROM members_member
    WHERE status <> 'closed' AND birth_month IS NOT NULL AND family_name <> '' AND given_name <> ''
),
pair AS (
    SELECT one.id AS first_id, other.id AS second_id, MIN(one.sort) AS sort
    FROM told one
    JOIN told other ON other.sort = one.sort AND other.value = one.value AND other.id > one.id
    WHERE one.year IS NULL OR other.year IS NULL OR one.year = other.year
    GROUP BY one.id, other.id
)
SELECT first_id, second_id, sort
FROM pair
ORDER BY sort, second_id DESC, first_id
LIMIT %(size)s OFFSET %(start)s;
