-- Nothing remains in lots that had expired at the cutoff of the last completed expiry. A lot whose
-- entry was recorded after that night began is the next night's: it may not have been there.
SELECT
    'lot' AS subject, l.id, l.account_id, 'remaining' AS what, 0 AS expected, l.remaining AS found
FROM loyalty_pointslot l
JOIN loyalty_pointsentry e ON e.id = l.entry_id
WHERE l.remaining > 0 AND l.expires_at <= %(cutoff)s AND e.recorded_at <= %(started_at)s
