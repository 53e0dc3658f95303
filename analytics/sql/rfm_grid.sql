WITH
-- include parts/rfm
SELECT recency_score, frequency_score, money_score, COUNT(*)
FROM scored
GROUP BY recency_score, frequency_score, money_score
ORDER BY recency_score DESC, frequency_score DESC, money_score DESC;
