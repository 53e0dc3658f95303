-- The members under review or to be told, with all that is found out about each. The table is made
-- anew: emptied it would keep on PostgreSQL what the ranges before it left behind. It is read whole
-- again and again, so an index would only make it slower.
DROP TABLE IF EXISTS loyalty_review;
CREATE TEMPORARY TABLE loyalty_review (
    member_id BIGINT NOT NULL,
    standing_id BIGINT,
    window_from TIMESTAMP WITH TIME ZONE,
    term_from TIMESTAMP WITH TIME ZONE,
    spend BIGINT NOT NULL DEFAULT 0,
    orders BIGINT NOT NULL DEFAULT 0,
    growth BIGINT NOT NULL DEFAULT 0,
    active_days BIGINT,
    refunded_spend BIGINT,
    refunded_growth BIGINT,
    from_rank INTEGER,
    entry_rank INTEGER,
    kept_rank INTEGER,
    to_rank INTEGER,
    cause VARCHAR(10),
    valid_until TIMESTAMP WITH TIME ZONE,
    days BIGINT,
    last_day TEXT,
    down_on TEXT,
    key TEXT
);
