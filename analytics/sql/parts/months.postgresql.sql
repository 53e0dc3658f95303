-- The months in which each member bought, written 2010-12.
months AS (
    SELECT DISTINCT member_id, TO_CHAR(business_date, 'YYYY-MM') AS month
    FROM counted
)
