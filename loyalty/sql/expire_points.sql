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
    x.account_id, x.number, 'expire', -SUM(d.points), 0, x.balance - SUM(d.points), x.debt,
    x.at, %(business_date)s, %(key)s, '{}', %(now)s
FROM loyalty_due d
JOIN loyalty_expiring x ON x.account_id = d.account_id
GROUP BY x.account_id, x.number, x.balance, x.debt, x.at;

-- Entries are found by their number: by the night's key alone all ranges would be read.
INSERT INTO loyalty_lotallocation (entry_id, lot_id, points)
SELECT e.id, d.lot_id, -d.points
FROM loyalty_due d
JOIN loyalty_expiring x ON x.account_id = d.account_id
JOIN loyalty_pointsentry e ON e.account_id = x.account_id AND e.number = x.number;

UPDATE loyalty_pointslot
SET remaining = 0
FROM loyalty_due d
WHERE d.lot_id = loyalty_pointslot.id;

-- Who has an entry of that number has it of this run: the accounts are locked.
UPDATE loyalty_pointsaccount
SET balance = e.balance_after, entry_count = e.number, last_entry_at = e.at
FROM loyalty_expiring x
JOIN loyalty_pointsentry e ON e.account_id = x.account_id AND e.number = x.number
WHERE x.account_id = loyalty_pointsaccount.id;
