-- Members by quadrant, days of interaction and steps of 90-day spending.
WITH
-- include parts/quadrants
,
stepped AS (
    SELECT
        quadrant, days, money_90,
        CASE
            WHEN money_90 <= 0 THEN 0
            WHEN money_90 < %(step_1)s THEN 1
            WHEN money_90 < %(step_2)s THEN 2
            WHEN money_90 < %(step_3)s THEN 3
            WHEN money_90 < %(step_4)s THEN 4
            ELSE 5
        END AS step
    FROM quadrants
)
SELECT quadrant, days, step, COUNT(*), CAST(SUM(money_90) AS BIGINT)
FROM stepped
GROUP BY quadrant, days, step
ORDER BY days, step;
