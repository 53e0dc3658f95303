-- Scores as the last night gave them, by the dates of the figures they were made of. Who never
-- bought has none.
SELECT
    recency_score, frequency_score, money_score, COUNT(*), MIN(business_date), MAX(business_date),
    MAX(orders)
FROM analytics_membermetrics
GROUP BY recency_score, frequency_score, money_score
ORDER BY recency_score DESC, frequency_score DESC, money_score DESC;
