-- Points expired only from lots with a notice of an earlier night for an end that had come by then,
-- or a waiver of it.
SELECT
    'allocation' AS subject, al.id, e.account_id, 'told on an earlier night' AS what,
    1 AS expected, 0 AS found
FROM loyalty_lotallocation al
JOIN loyalty_pointsentry e ON e.id = al.entry_id AND e.kind = 'expire'
WHERE NOT EXISTS (
    SELECT 1
    FROM loyalty_expiryevidence v
    WHERE v.lot_id = al.lot_id
        AND v.expires_at <= e.at
        AND (v.waiver <> '' OR v.business_date < e.business_date)
)
