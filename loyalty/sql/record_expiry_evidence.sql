-- Each lot that a notice of tonight speaks of may expire from the next night on.
INSERT INTO loyalty_expiryevidence (
    lot_id, expires_at, business_date, notice_id, waiver, recorded_at
)
SELECT t.lot_id, t.expires_at, %(business_date)s, n.id, '', %(now)s
FROM loyalty_telling t
JOIN members_notice n
    ON n.member_id >= %(first)s AND n.member_id <= %(last)s
    AND n.member_id = t.member_id AND n.key = t.key AND n.business_date = %(business_date)s
WHERE t.points > 0
ON CONFLICT (lot_id, expires_at) DO NOTHING;
