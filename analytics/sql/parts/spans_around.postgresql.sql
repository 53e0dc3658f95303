-- The days before and after each member first had the benefit, as many on either side.
spans AS (
    SELECT
        member_id, first_on,
        first_on - CAST(%(days)s AS INTEGER) AS since_on,
        first_on + CAST(%(days)s AS INTEGER) AS until_on
    FROM had
)
