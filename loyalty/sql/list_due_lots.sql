-- What is due in the listed accounts, read under their locks: lots past their end with points left.
-- Told is which has a notice of an earlier night for that end, or a waiver of it.
DROP TABLE IF EXISTS loyalty_due;
CREATE TEMPORARY TABLE loyalty_due (
    lot_id BIGINT, account_id BIGINT, points BIGINT, expires_at TIMESTAMPTZ,
    is_told INTEGER
);
INSERT INTO loyalty_due (lot_id, account_id, points, expires_at, is_told)
SELECT
    l.id, l.account_id, l.remaining, l.expires_at, CASE WHEN v.id IS NULL THEN 0 ELSE 1 END
FROM loyalty_expiring x
JOIN loyalty_pointslot l
    ON l.account_id = x.account_id AND l.remaining > 0 AND l.expires_at <= %(cutoff)s
LEFT JOIN loyalty_expiryevidence v
    ON v.lot_id = l.id
    AND v.expires_at = l.expires_at
    AND (v.business_date < %(business_date)s OR v.waiver <> '');

ANALYZE loyalty_due;
