-- The days that tonight's notices speak of.
CREATE TEMPORARY TABLE IF NOT EXISTS loyalty_telling_day (
    last_day TEXT PRIMARY KEY, days BIGINT, after_at TIMESTAMPTZ, until_at TIMESTAMPTZ
);
DELETE FROM loyalty_telling_day;
