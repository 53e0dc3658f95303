-- The accounts that this run expires points of: those with a due lot and no entry of this night;
-- with what they hold, and the number and instant of the entry to come.
-- (SQLite: BEGIN IMMEDIATE is the lock.)
-- An entry of this night is not older than its cutoff. It is counted rather than NOT EXISTS: that
-- is planned as a join, and each range would read the night's entries of all ranges before it.
DROP TABLE IF EXISTS loyalty_expiring;
CREATE TEMPORARY TABLE loyalty_expiring (
    account_id BIGINT, number BIGINT, balance BIGINT, debt BIGINT, at TIMESTAMPTZ
);
INSERT INTO loyalty_expiring (account_id, number, balance, debt, at)
SELECT
    a.id, a.entry_count + 1, a.balance, a.debt,
    CASE WHEN a.last_entry_at > %(cutoff)s THEN a.last_entry_at ELSE %(cutoff)s END
FROM loyalty_pointsaccount a
WHERE a.member_id >= %(first)s AND a.member_id <= %(last)s
    AND EXISTS (
        SELECT 1
        FROM loyalty_pointslot l
        WHERE l.account_id = a.id AND l.remaining > 0 AND l.expires_at <= %(cutoff)s
    )
    AND (
        a.last_entry_at < %(cutoff)s
        OR (
            SELECT COUNT(*) FROM loyalty_pointsentry e
            WHERE e.account_id = a.id AND e.key = %(key)s
        ) = 0
    );

-- The planner knows nothing of what a transaction has just written.
ANALYZE loyalty_expiring;
