-- Due lots that nobody could tell of: on the first night that tells, and those recorded when even
-- the last notice before their end was due.
INSERT INTO loyalty_expiryevidence (lot_id, expires_at, business_date, waiver, recorded_at)
SELECT
    d.lot_id, d.expires_at, %(business_date)s,
    CASE WHEN e.recorded_at > %(last_told_at)s THEN 'short' ELSE 'first_night' END,
    %(now)s
FROM loyalty_due d
JOIN loyalty_pointslot l ON l.id = d.lot_id
JOIN loyalty_pointsentry e ON e.id = l.entry_id
WHERE d.is_told = 0 AND (%(waives_first)s = 1 OR e.recorded_at > %(last_told_at)s)
ON CONFLICT (lot_id, expires_at) DO NOTHING;
