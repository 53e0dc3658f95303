-- Members by what the last night found: how many orders, on how many days (many are all alike), the
-- last day; and of which nights their figures are. Who never bought has no last day.
SELECT
    MIN(business_date), MAX(business_date),
    orders, CASE WHEN purchase_days > 1 THEN 2 ELSE purchase_days END, last_purchase_on, COUNT(*)
FROM analytics_membermetrics
GROUP BY orders, CASE WHEN purchase_days > 1 THEN 2 ELSE purchase_days END, last_purchase_on;
