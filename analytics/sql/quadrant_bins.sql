-- Measured members by quadrant, interactions of 30 days and steps of 90-day spending.
WITH stepped AS (
    SELECT
        quadrant, interactions_30, money_90,
        CASE
            WHEN money_90 <= 0 THEN 0
            WHEN money_90 < %(step_1)s THEN 1
            WHEN money_90 < %(step_2)s THEN 2
            WHEN money_90 < %(step_3)s THEN 3
            WHEN money_90 < %(step_4)s THEN 4
            ELSE 5
        END AS step
    FROM analytics_membermetrics
)
SELECT quadrant, interactions_30, step, COUNT(*), CAST(SUM(money_90) AS BIGINT)
FROM stepped
GROUP BY quadrant, interactions_30, step
ORDER BY interactions_30, step, quadrant;
