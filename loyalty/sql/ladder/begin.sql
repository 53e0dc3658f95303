-- The rungs of a draft go in the place of those in force, and as what each present tier counts.
DELETE FROM loyalty_rung;
CREATE TEMPORARY TABLE IF NOT EXISTS loyalty_held (
    tier_id BIGINT PRIMARY KEY, rank INTEGER, is_gone INTEGER
);
DELETE FROM loyalty_held;
