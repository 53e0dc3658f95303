-- The floor of the night's expiry: everything due, of all members, in one statement.
WITH due AS (
    SELECT l.id AS lot_id, l.account_id, l.remaining AS points
    FROM loyalty_pointslot l
    JOIN loyalty_expiryevidence v
        ON v.lot_id = l.id
        AND v.expires_at = l.expires_at
        AND (v.business_date < %(business_date)s OR v.waiver <> '')
    WHERE l.remaining > 0 AND l.expires_at <= %(cutoff)s
),
totals AS (
    SELECT a.id, a.entry_count + 1 AS number, a.debt, a.balance - SUM(d.points) AS balance,
        SUM(d.points) AS points, GREATEST(a.last_entry_at, %(cutoff)s) AS at
    FROM due d
    JOIN loyalty_pointsaccount a ON a.id = d.account_id
    GROUP BY a.id
),
entries AS (
    INSERT INTO loyalty_pointsentry (
        account_id, number, kind, points, debt_change, balance_after, debt_after, at,
        business_date, key, breakdown, recorded_at
    )
    SELECT id, number, 'expire', -points, 0, balance, debt, at, %(business_date)s, %(key)s, '{}',
        %(now)s
    FROM totals
    RETURNING id, account_id
),
allocations AS (
    INSERT INTO loyalty_lotallocation (entry_id, lot_id, points)
    SELECT e.id, d.lot_id, -d.points
    FROM due d
    JOIN entries e ON e.account_id = d.account_id
),
lots AS (
    UPDATE loyalty_pointslot SET remaining = 0 FROM due WHERE due.lot_id = loyalty_pointslot.id
)
UPDATE loyalty_pointsaccount
SET balance = totals.balance, entry_count = totals.number, last_entry_at = totals.at
FROM totals
WHERE totals.id = loyalty_pointsaccount.id;
