-- Days between the stages of each member: joined, first order, second order, last order, the night.
gaps AS (
    SELECT
        first_on, second_on, last_on,
        first_on - joined_on AS to_first,
        second_on - first_on AS to_second,
        CAST(%(before)s AS DATE) - joined_on AS since_joined,
        CAST(%(before)s AS DATE) - first_on AS since_first,
        CAST(%(before)s AS DATE) - last_on AS since_last
    FROM staged
)
