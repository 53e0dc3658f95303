-- Expire everything left in the due lots of the listed accounts: one entry per account, one
-- allocation per lot. What is due is read again here, under the accounts' locks: past its end, and
-- with a notice of an earlier night for that end, or a waiver of it.
CREATE TEMPORARY TABLE IF NOT EXISTS loyalty_due (
    lot_id BIGINT PRIMARY KEY, account_id BIGINT, points BIGINT
);
DELETE FROM loyalty_due;
INSERT INTO loyalty_due (lot_id, account_id, points)
SELECT l.id, l.account_id, l.remaining
FROM loyalty_expiring x
JOIN loyalty_pointslot l
    ON l.account_id = x.account_id AND l.remaining > 0 AND l.expires_at <= %(cutoff)s
JOIN loyalty_expiryevidence v
    ON v.lot_id = l.id
    AND v.expires_at = l.expires_at
    AND (v.business_date < %(business_date)s OR v.waiver <> '');

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
GROUP BY a.id, a.entry_count, a.balance, a.debt, a.last_entry_at;

-- Entries are found by their number: by the night's key alone all ranges would be read.
INSERT INTO loyalty_lotallocation (entry_id, lot_id, points)
SELECT e.id, d.lot_id, -d.points
FROM loyalty_due d
JOIN loyalty_pointsaccount a ON a.id = d.account_id
JOIN loyalty_pointsentry e ON e.account_id = a.id AND e.number = a.entry_count + 1;

UPDATE loyalty_pointslot
SET remaining = 0
WHERE id IN (SELECT d.lot_id FROM loyalty_due d);

UPDATE loyalty_pointsaccount
SET balance = e.balance_after, entry_count = e.number, last_entry_at = e.at
FROM loyalty_pointsentry e
WHERE e.account_id = loyalty_pointsaccount.id
    AND e.number = loyalty_pointsaccount.entry_count + 1
    AND loyalty_pointsaccount.id IN (SELECT d.account_id FROM loyalty_due d);
