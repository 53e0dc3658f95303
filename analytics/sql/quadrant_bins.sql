-- Members by days of interaction in the 30 before the night and by steps of 90-day spending.
WITH
-- include parts/interacted
SELECT
    COALESCE(interacted.days, 0),
    CASE
        WHEN m.money_90 <= 0 THEN 0
        WHEN m.money_90 < %(step_1)s THEN 1
        WHEN m.money_90 < %(step_2)s THEN 2
        WHEN m.money_90 < %(step_3)s THEN 3
        WHEN m.money_90 < %(step_4)s THEN 4
        ELSE 5
    END AS step,
    COUNT(*),
    CAST(SUM(m.money_90) AS BIGINT)
FROM analytics_membermetrics m
LEFT JOIN interacted ON interacted.member_id = m.member_id
GROUP BY COALESCE(interacted.days, 0), step;
