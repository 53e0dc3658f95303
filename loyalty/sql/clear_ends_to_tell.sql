-- The ends of validity that tonight's notices speak of.
CREATE TEMPORARY TABLE IF NOT EXISTS loyalty_telling_end (
    after_at TIMESTAMPTZ PRIMARY KEY, until_at TIMESTAMPTZ, window_from TIMESTAMPTZ,
    down_at TIMESTAMPTZ, down_on TEXT, last_day TEXT, days BIGINT
);
DELETE FROM loyalty_telling_end;
