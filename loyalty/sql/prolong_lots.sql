-- Move the end of one account's lots of one policy to a later instant: those that have not ended by
-- the entry, and hold points or were emptied by that entry (what it took may be given back). The
-- instant of a change is never before that of the lot's last one, wherever the clock has gone.
INSERT INTO loyalty_lotchange (
    lot_id, field, before, after, points, at, after_entry, cause, recorded_at
)
SELECT
    l.id, 'expires_at', l.expires_at, %(ends)s, l.remaining,
    CASE WHEN c.at > %(at)s THEN c.at ELSE %(at)s END, %(number)s, 'activity', %(now)s
FROM loyalty_pointslot l
LEFT JOIN (
    SELECT x.lot_id, MAX(x.at) AS at
    FROM loyalty_lotchange x
    WHERE x.field = 'expires_at'
        AND x.lot_id IN (SELECT o.id FROM loyalty_pointslot o WHERE o.account_id = %(account)s)
    GROUP BY x.lot_id
) c ON c.lot_id = l.id
WHERE l.account_id = %(account)s
    AND l.expires_at > %(at)s
    AND l.expires_at < %(ends)s
    AND CASE WHEN l.redated_to = '' THEN l.expiry ELSE l.redated_to END = %(policy)s
    AND (
        l.remaining > 0
        OR l.id IN (SELECT x.lot_id FROM loyalty_lotallocation x WHERE x.entry_id = %(entry)s)
    );

UPDATE loyalty_pointslot
SET expires_at = %(ends)s
WHERE account_id = %(account)s
    AND expires_at > %(at)s
    AND expires_at < %(ends)s
    AND CASE WHEN redated_to = '' THEN expiry ELSE redated_to END = %(policy)s
    AND (
        remaining > 0
        OR id IN (SELECT x.lot_id FROM loyalty_lotallocation x WHERE x.entry_id = %(entry)s)
    );
