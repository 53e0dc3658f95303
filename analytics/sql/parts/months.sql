-- The months in which each member bought, written 2010-12.
months AS (
    SELECT DISTINCT member_id, SUBSTR(business_date, 1, 7) AS month
    FROM counted
)
