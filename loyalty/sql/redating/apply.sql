-- Give the listed lots of locked accounts their new ends and keep what was changed, lot by lot.
INSERT INTO loyalty_lotchange (
    lot_id, field, before, after, points, at, after_entry, cause, operator_id, run_id, recorded_at
)
SELECT
    t.lot_id, 'expires_at', t.before_at, t.after_at, t.points, r.at, r.after_entry, 'redated',
    %(operator)s, %(run)s, %(now)s
FROM loyalty_redating t
JOIN loyalty_redating_account r ON r.account_id = t.account_id
ORDER BY t.lot_id;

UPDATE loyalty_pointslot
SET expires_at = t.after_at, redated_to = %(expiry)s
FROM loyalty_redating t
WHERE t.lot_id = loyalty_pointslot.id;

-- Accounts whose lots end by inactivity from now on know their last activity; without any, the
-- first earning stands for it, so that whatever comes after it moves their ends.
UPDATE loyalty_pointsaccount
SET active_on = f.active_on
FROM (
    SELECT r.account_id, COALESCE(r.active_on, MIN(t.since_on)) AS active_on
    FROM loyalty_redating_account r
    JOIN loyalty_redating t ON t.account_id = r.account_id
    GROUP BY r.account_id, r.active_on
) f
WHERE f.account_id = loyalty_pointsaccount.id
    AND loyalty_pointsaccount.active_on IS NULL
    AND %(is_inactivity)s = 1;
