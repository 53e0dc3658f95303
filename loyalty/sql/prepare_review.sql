-- The members that are looked at, and with all that is found out about each. The tables are made
-- anew: emptied they would keep on PostgreSQL what the ranges before left behind. They are read
-- whole, so an index would only make them slower; texts have a length, so that no table for long ones
-- is made beside them.
DROP TABLE IF EXISTS loyalty_listed;
CREATE TEMPORARY TABLE loyalty_listed (member_id BIGINT NOT NULL);
DROP TABLE IF EXISTS loyalty_review;
CREATE TEMPORARY TABLE loyalty_review (
    member_id BIGINT NOT NULL,
    standing_id BIGINT,
    from_rank INTEGER,
    since TIMESTAMP WITH TIME ZONE,
    term_from TIMESTAMP WITH TIME ZONE,
    term_until TIMESTAMP WITH TIME ZONE,
    no_step_before TIMESTAMP WITH TIME ZONE,
    window_from TIMESTAMP WITH TIME ZONE,
    days BIGINT,
    last_day VARCHAR(10),
    down_on VARCHAR(10),
    key VARCHAR(80),
    spend BIGINT NOT NULL,
    orders BIGINT NOT NULL,
    growth BIGINT NOT NULL,
    active_days BIGINT,
    entry_rank INTEGER,
    kept_rank INTEGER,
    to_rank INTEGER,
    cause VARCHAR(10),
    valid_until TIMESTAMP WITH TIME ZONE,
    refunded_spend BIGINT,
    refunded_growth BIGINT
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
