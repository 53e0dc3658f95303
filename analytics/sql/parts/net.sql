-- Net money of `moved`: ever, and since two days before %(before)s, each sum on its own day; and
-- what the days after a buyer's first came to.
-- include parts/moved
,
net AS (
    SELECT
        moved.member_id,
        CAST(SUM(moved.amount) AS BIGINT) AS amount,
        CAST(SUM(
            CASE WHEN moved.business_date >= %(since_365)s THEN moved.amount ELSE 0 END
        ) AS BIGINT) AS amount_365,
        CAST(SUM(
            CASE WHEN moved.business_date >= %(since_90)s THEN moved.amount ELSE 0 END
        ) AS BIGINT) AS amount_90,
        CAST(SUM(
            CASE WHEN moved.spent_on > buyers.first_on THEN moved.amount ELSE 0 END
        ) AS BIGINT) AS later_amount
    FROM moved
    LEFT JOIN buyers ON buyers.member_id = moved.member_id
    GROUP BY moved.member_id
)
