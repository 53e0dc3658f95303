-- Expire everything left in the due lots that were told of or are waived: one entry per account, one
-- allocation per lot. The others are held.
DELETE FROM loyalty_due
WHERE is_told = 0
    AND NOT EXISTS (
        SELECT 1
        FROM loyalty_expiryevidence v
        WHERE v.lot_id = loyalty_due.lot_id
            AND v.expires_at = loyalty_due.expires_at
            AND v.waiver <> ''
    );

INSERT INTO loyalty_pointsentry (
    account_id, number, kind, points, debt_change, balance_after, debt_after,
    at, business_date, key, breakdown, recorded_at
)
SELECT
    a.id, a.entry_count + 1, 'expire', -SUM(d.points), 0, a.balance - SUM(d.points), a.debt,
    CASE WHEN a.last_entry_at > %(cutoff)s THEN a.last_entry_at ELSE %(cutoff)s END,
    %(business_date)s, %(key)s, '{}', %(now)s
FROM loyalty_due d
JOIN loyalty_pointsaccount a ON a.id = d.account_id
WHERE a.member_id >= %(first)s AND a.member_id <= %(last)s
GROUP BY a.id, a.entry_count, a.balance, a.debt, a.last_entry_at;

-- Entries are found by their number: by the night's key alone all ranges would be read.
INSERT INTO loyalty_lotallocation (entry_id, lot_id, points)
SELECT e.id, d.lot_id, -d.points
FROM loyalty_due d
JOIN loyalty_pointsaccount a ON a.id = d.account_id
JOIN loyalty_pointsentry e ON e.account_id = a.id AND e.number = a.entry_count + 1
WHERE a.member_id >= %(first)s AND a.member_id <= %(last)s;

UPDATE loyalty_pointslot
SET remaining = 0
FROM loyalty_due d
WHERE d.lot_id = loyalty_pointslot.id;

UPDATE loyalty_pointsaccount
SET balance = e.balance_after, entry_count = e.number, last_entry_at = e.at
FROM loyalty_pointsentry e
WHERE e.account_id = loyalty_pointsaccount.id
    AND e.number = loyalty_pointsaccount.entry_count + 1
    AND loyalty_pointsaccount.member_id >= %(first)s AND loyalty_pointsaccount.member_id <= %(last)s
    AND loyalty_pointsaccount.id IN (SELECT d.account_id FROM loyalty_due d);
