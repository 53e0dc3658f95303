UPDATE analytics_membermetrics
SET
    fit_id = %(fit)s,
    alive = found.alive,
    expected_purchases = found.expected_purchases,
    predicted_value = found.predicted_value,
    loyalty_index = found.loyalty_index
FROM analytics_prediction found
WHERE found.member_id = analytics_membermetrics.member_id;

UPDATE analytics_membermetrics
SET
    fit_id = NULL, alive = NULL, expected_purchases = NULL, predicted_value = NULL,
    loyalty_index = NULL
WHERE member_id >= %(first)s AND member_id <= %(last)s
    AND fit_id IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM analytics_prediction found
        WHERE found.member_id = analytics_membermetrics.member_id
    );
