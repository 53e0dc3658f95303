CREATE TEMPORARY TABLE IF NOT EXISTS analytics_prediction (
    member_id BIGINT PRIMARY KEY,
    alive DOUBLE PRECISION NOT NULL,
    expected_purchases DOUBLE PRECISION NOT NULL,
    predicted_value BIGINT NOT NULL,
    loyalty_index DOUBLE PRECISION NOT NULL
);
DELETE FROM analytics_prediction;
