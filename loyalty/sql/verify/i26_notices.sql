-- Points expired only from lots with a notice of an earlier night, or a waiver, for the end that was
-- in force at the entry: that before the first change that followed it.
SELECT
    'allocation' AS subject, al.id, e.account_id, 'told on an earlier night' AS what,
    1 AS expected, 0 AS found
FROM loyalty_lotallocation al
JOIN loyalty_pointsentry e ON e.id = al.entry_id AND e.kind = 'expire'
JOIN loyalty_pointslot l ON l.id = al.lot_id
LEFT JOIN loyalty_lotchange c
    ON c.lot_id = al.lot_id AND c.field = 'expires_at' AND c.after_entry >= e.number
    AND c.id = (
        SELECT MIN(k.id)
        FROM loyalty_lotchange k
        WHERE k.lot_id = al.lot_id AND k.field = 'expires_at' AND k.after_entry >= e.number
    )
WHERE NOT EXISTS (
    SELECT 1
    FROM loyalty_expiryevidence v
    WHERE v.lot_id = al.lot_id
        AND v.expires_at = CASE WHEN c.id IS NULL THEN l.expires_at ELSE c.before END
        AND v.expires_at <= e.at
        AND (v.waiver <> '' OR v.business_date < e.business_date)
)
