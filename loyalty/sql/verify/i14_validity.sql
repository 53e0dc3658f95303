-- Redeemed only while the lot was live; expired only at or after its end.
SELECT
    'allocation' AS subject,
    x.id,
    e.account_id,
    CASE
        WHEN e.kind = 'expire' THEN 'expired not before'
        WHEN e.at < l.available_at THEN 'redeemed not before'
        ELSE 'redeemed before'
    END AS what,
    CAST(
        CASE
            WHEN e.kind = 'redeem' AND e.at < l.available_at THEN l.available_at
            ELSE l.expires_at
        END AS TEXT
    ) AS expected,
    CAST(e.at AS TEXT) AS found
FROM loyalty_lotallocation x
JOIN loyalty_pointsentry e ON e.id = x.entry_id
JOIN loyalty_pointslot l ON l.id = x.lot_id
WHERE (e.kind = 'redeem' AND (e.at < l.available_at OR e.at >= l.expires_at))
    OR (e.kind = 'expire' AND (l.expires_at IS NULL OR e.at < l.expires_at))
