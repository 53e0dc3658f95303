-- The accounts that this run expires points of, locked in ascending id: those with a due lot and
-- no entry of this night.
CREATE TEMPORARY TABLE IF NOT EXISTS loyalty_expiring (account_id BIGINT PRIMARY KEY);
DELETE FROM loyalty_expiring;
INSERT INTO loyalty_expiring (account_id)
SELECT locked.id
FROM (
    SELECT a.id
    FROM loyalty_pointsaccount a
    WHERE a.member_id >= %(first)s AND a.member_id <= %(last)s
        AND EXISTS (
            SELECT 1
            FROM loyalty_pointslot l
            WHERE l.account_id = a.id AND l.remaining > 0 AND l.expires_at <= %(cutoff)s
        )
        -- An entry of this night is not older than the cutoff. Counted rather than NOT EXISTS, which is
        -- planned as a join: each range would read the night's entries of all ranges before it.
        AND (
            a.last_entry_at < %(cutoff)s
            OR (
                SELECT COUNT(*) FROM loyalty_pointsentry e WHERE e.account_id = a.id AND e.key = %(key)s
            ) = 0
        )
    ORDER BY a.id
    FOR UPDATE OF a
) locked;
