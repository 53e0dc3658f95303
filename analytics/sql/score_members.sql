-- Nobody who has not bought has scores: a purchase may have been given back.
UPDATE analytics_membermetrics
SET recency_score = NULL, frequency_score = NULL, money_score = NULL
WHERE orders = 0 AND recency_score IS NOT NULL;

WITH ranked AS (
    SELECT member_id, last_purchase_on AS last_on, orders, money
    FROM analytics_membermetrics
    WHERE orders > 0
),
-- include parts/scored
UPDATE analytics_membermetrics
SET
    recency_score = scored.recency_score,
    frequency_score = scored.frequency_score,
    money_score = scored.money_score
FROM scored
WHERE scored.member_id = analytics_membermetrics.member_id
    AND (
        analytics_membermetrics.recency_score IS NULL
        OR analytics_membermetrics.recency_score <> scored.recency_score
        OR analytics_membermetrics.frequency_score <> scored.frequency_score
        OR analytics_membermetrics.money_score <> scored.money_score
    );
