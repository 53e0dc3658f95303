-- The days before and after each member first had the benefit, as many on either side.
spans AS (
    SELECT
        member_id, first_on,
        DATE(first_on, '-' || %(days)s || ' days') AS since_on,
        DATE(first_on, '+' || %(days)s || ' days') AS until_on
    FROM had
)
