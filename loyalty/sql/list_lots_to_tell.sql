-- The lots of the range that expire in the days listed, with the notice that each belongs to.
DROP TABLE IF EXISTS loyalty_telling;
CREATE TEMPORARY TABLE loyalty_telling (
    lot_id BIGINT PRIMARY KEY, expires_at TIMESTAMPTZ, member_id BIGINT, point_type_id BIGINT,
    last_day TEXT, days BIGINT, key TEXT, points BIGINT
);
INSERT INTO loyalty_telling (
    lot_id, expires_at, member_id, point_type_id, last_day, days, key, points
)
SELECT
    l.id, l.expires_at, a.member_id, a.point_type_id, d.last_day, d.days,
    'expiring:' || p.code || ':' || d.last_day || ':' || d.days, l.remaining
FROM loyalty_pointsaccount a
JOIN loyalty_pointtype p ON p.id = a.point_type_id
JOIN loyalty_pointslot l
    ON l.account_id = a.id
    AND l.remaining > 0
    AND l.expires_at > %(cutoff)s
    AND l.expires_at <= %(latest)s
JOIN loyalty_telling_day d ON l.expires_at > d.after_at AND l.expires_at <= d.until_at
WHERE a.member_id >= %(first)s AND a.member_id <= %(last)s;
