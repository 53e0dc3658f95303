-- Nothing remains in lots that had expired at the cutoff of the last completed expiry and had
-- evidence for it: others are held. A lot whose entry was recorded after that night began is the
-- next night's (it may not have been there), and so is one whose evidence was. A night whose expiry
-- a guard holds is not completed: its lots are measured by the night before.
SELECT
    'lot' AS subject, l.id, l.account_id, 'remaining' AS what, 0 AS expected, l.remaining AS found
FROM loyalty_pointslot l
JOIN loyalty_pointsentry e ON e.id = l.entry_id
JOIN loyalty_expiryevidence v ON v.lot_id = l.id AND v.expires_at = l.expires_at
WHERE l.remaining > 0
    AND l.expires_at <= %(cutoff)s
    AND e.recorded_at <= %(started_at)s
    AND v.recorded_at <= %(started_at)s
    AND (v.business_date < %(business_date)s OR v.waiver <> '')
