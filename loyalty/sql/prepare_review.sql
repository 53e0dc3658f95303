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

-- The rungs by which they are judged: those in force, unless a draft puts others here.
CREATE TEMPORARY TABLE IF NOT EXISTS loyalty_rung (
    code VARCHAR(30),
    rank INTEGER PRIMARY KEY,
    "join" VARCHAR(3),
    entry_spend BIGINT,
    entry_orders BIGINT,
    entry_growth BIGINT,
    entry_active_days BIGINT,
    retention_spend BIGINT,
    retention_orders BIGINT,
    retention_growth BIGINT,
    retention_active_days BIGINT
);
DELETE FROM loyalty_rung;
INSERT INTO loyalty_rung
SELECT
    t.code, t.rank, t."join", t.entry_spend, t.entry_orders, t.entry_growth, t.entry_active_days,
    t.retention_spend, t.retention_orders, t.retention_growth, t.retention_active_days
FROM loyalty_tier t
WHERE t.rank < 10000;
