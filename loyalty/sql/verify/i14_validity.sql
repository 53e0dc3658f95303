-- Redeemed only while the lot was live; expired only at or after its end: by the dates in force at
-- the entry, which are those before the first change that followed it.
WITH span AS (
    SELECT
        lot_id, field, before, after_entry AS until,
        LAG(after_entry, 1, -1) OVER (PARTITION BY lot_id, field ORDER BY id) AS after_entry
    FROM loyalty_lotchange
),
dated AS (
    SELECT
        x.id,
        x.lot_id,
        e.account_id,
        e.kind,
        e.at,
        CASE WHEN a.lot_id IS NULL THEN l.available_at ELSE a.before END AS available_at,
        CASE WHEN c.lot_id IS NULL THEN l.expires_at ELSE c.before END AS expires_at
    FROM loyalty_lotallocation x
    JOIN loyalty_pointsentry e ON e.id = x.entry_id
    JOIN loyalty_pointslot l ON l.id = x.lot_id
    LEFT JOIN span a
        ON a.lot_id = x.lot_id AND a.field = 'available_at'
        AND e.number > a.after_entry AND e.number <= a.until
    LEFT JOIN span c
        ON c.lot_id = x.lot_id AND c.field = 'expires_at'
        AND e.number > c.after_entry AND e.number <= c.until
    WHERE e.kind IN ('redeem', 'expire')
)
SELECT
    'allocation' AS subject,
    id,
    account_id,
    CASE
        WHEN kind = 'expire' THEN 'expired not before'
        WHEN at < available_at THEN 'redeemed not before'
        ELSE 'redeemed before'
    END AS what,
    CAST(
        CASE
            WHEN kind = 'redeem' AND at < available_at THEN available_at
            ELSE expires_at
        END AS TEXT
    ) AS expected,
    CAST(at AS TEXT) AS found
FROM dated
WHERE (kind = 'redeem' AND (at < available_at OR at >= expires_at))
    OR (kind = 'expire' AND (expires_at IS NULL OR at < expires_at))
