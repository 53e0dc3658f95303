-- For how long each day of activity makes its member active: until the next one, 30 days at most.
stays AS (
    SELECT
        business_date AS from_on,
        CASE
            WHEN next_on < DATE(business_date, '+30 days') THEN next_on
            ELSE DATE(business_date, '+30 days')
        END AS until_on
    FROM followed
)
