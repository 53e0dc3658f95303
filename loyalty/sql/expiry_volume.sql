-- What the night's expiry would take: lots past their end at the cutoff that were told of on an
-- earlier night or waived, or that the night itself would waive. What an operator waived lot by
-- lot has been looked at already.
SELECT COALESCE(SUM(l.remaining), 0), COUNT(*)
FROM loyalty_pointslot l
JOIN loyalty_pointsentry e ON e.id = l.entry_id
LEFT JOIN loyalty_expiryevidence v ON v.lot_id = l.id AND v.expires_at = l.expires_at
WHERE l.remaining > 0
    AND l.expires_at <= %(cutoff)s
    AND (
        (v.id IS NOT NULL AND v.waiver = '' AND v.business_date < %(business_date)s)
        OR v.waiver IN ('first_night', 'short')
        OR (v.id IS NULL AND (%(waives_first)s = 1 OR e.recorded_at > %(last_told_at)s))
    );
