-- Days between the stages of each member: joined, first order, second order, last order, the night.
gaps AS (
    SELECT
        first_on, second_on, last_on,
        CAST(JULIANDAY(first_on) - JULIANDAY(joined_on) AS INTEGER) AS to_first,
        CAST(JULIANDAY(second_on) - JULIANDAY(first_on) AS INTEGER) AS to_second,
        CAST(JULIANDAY(%(before)s) - JULIANDAY(joined_on) AS INTEGER) AS since_joined,
        CAST(JULIANDAY(%(before)s) - JULIANDAY(first_on) AS INTEGER) AS since_first,
        CAST(JULIANDAY(%(before)s) - JULIANDAY(last_on) AS INTEGER) AS since_last
    FROM staged
)
