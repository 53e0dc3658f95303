-- Expire everything left in the due lots of the listed accounts: one entry per account, one
-- allocation per lot. What is due is read again here, under the accounts' locks.
INSERT INTO loyalty_pointsentry (
    account_id, number, kind, points, debt_change, balance_after, debt_after,
    at, business_date, key, breakdown, recorded_at
)
SELECT
    a.id, a.entry_count + 1, 'expire', -SUM(l.remaining), 0, a.balance - SUM(l.remaining), a.debt,
    CASE WHEN a.last_entry_at > %(cutoff)s THEN a.last_entry_at ELSE %(cutoff)s END,
    %(business_date)s, %(key)s, '{}', %(now)s
FROM loyalty_expiring x
JOIN loyalty_pointsaccount a ON a.id = x.account_id
JOIN loyalty_pointslot l
    ON l.account_id = a.id AND l.remaining > 0 AND l.expires_at <= %(cutoff)s
GROUP BY a.id, a.entry_count, a.balance, a.debt, a.last_entry_at;

INSERT INTO loyalty_lotallocation (entry_id, lot_id, points)
SELECT e.id, l.id, -l.remaining
FROM loyalty_expiring x
JOIN loyalty_pointsentry e ON e.account_id = x.account_id AND e.key = %(key)s
JOIN loyalty_pointslot l
    ON l.account_id = x.account_id AND l.remaining > 0 AND l.expires_at <= %(cutoff)s;

UPDATE loyalty_pointslot
SET remaining = 0
WHERE remaining > 0
    AND expires_at <= %(cutoff)s
    AND account_id IN (SELECT x.account_id FROM loyalty_expiring x);

UPDATE loyalty_pointsaccount
SET balance = e.balance_after, entry_count = e.number, last_entry_at = e.at
FROM loyalty_pointsentry e
WHERE e.account_id = loyalty_pointsaccount.id
    AND e.key = %(key)s
    AND loyalty_pointsaccount.id IN (SELECT x.account_id FROM loyalty_expiring x);
