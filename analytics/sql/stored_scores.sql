-- Members by the scores of the last night, and of which nights their figures are. Who never bought
-- has none; `unscored` counts who bought and has none all the same.
SELECT
    MIN(business_date), MAX(business_date),
    recency_score, frequency_score, money_score, COUNT(*),
    SUM(CASE WHEN orders > 0 AND recency_score IS NULL THEN 1 ELSE 0 END) AS unscored
FROM analytics_membermetrics
GROUP BY recency_score, frequency_score, money_score
ORDER BY recency_score DESC, frequency_score DESC, money_score DESC;
