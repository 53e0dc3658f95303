-- The new ends. Where an end comes sooner than before it leaves members the time to be told: it is
-- not before the floor, or stays as it is where it comes sooner than that already.
UPDATE loyalty_redating
SET after_at = n.ends_at
FROM loyalty_redating_end n
WHERE n.since_on = loyalty_redating.since_on AND n.joined_on = loyalty_redating.joined_on;
UPDATE loyalty_redating
SET
    after_at = CASE WHEN before_at < %(floor)s THEN before_at ELSE %(floor)s END,
    is_clamped = 1
WHERE after_at < %(floor)s AND (before_at IS NULL OR after_at < before_at);
-- What would stay as it is.
DELETE FROM loyalty_redating
WHERE policy = %(expiry)s
    AND (after_at = before_at OR (after_at IS NULL AND before_at IS NULL));
