-- A redemption takes the soonest expiring live lots: after it, no lot that expires sooner than
-- the last one it took from was live and still had points. Never sorts last, then the older lot.
--
-- `sooner_until` is the entry at which all lots that expire sooner had been emptied for good. Only
-- redemptions before that are looked at lot by lot, so that the work does not grow with the
-- square of an account's entries.
WITH ranked AS (
    SELECT
        l.id, l.account_id, l.available_at, l.expires_at,
        ROW_NUMBER() OVER (
            PARTITION BY l.account_id
            ORDER BY CASE WHEN l.expires_at IS NULL THEN 1 ELSE 0 END, l.expires_at, l.id
        ) AS place
    FROM loyalty_pointslot l
),
movement AS (
    SELECT l.id AS lot_id, e.number, l.points
    FROM loyalty_pointslot l
    JOIN loyalty_pointsentry e ON e.id = l.entry_id
    UNION ALL
    SELECT x.lot_id, e.number, SUM(x.points)
    FROM loyalty_lotallocation x
    JOIN loyalty_pointsentry e ON e.id = x.entry_id
    GROUP BY x.lot_id, e.number
),
held AS (
    SELECT
        lot_id,
        number AS since,
        SUM(points) OVER (PARTITION BY lot_id ORDER BY number ROWS UNBOUNDED PRECEDING) AS points,
        LEAD(number, 1, 9223372036854775807) OVER (PARTITION BY lot_id ORDER BY number) AS until
    FROM movement
),
emptied AS (
    SELECT lot_id, MAX(until) AS until FROM held WHERE points > 0 GROUP BY lot_id
),
closing AS (
    SELECT
        r.id,
        r.account_id,
        r.place,
        MAX(m.until) OVER (
            PARTITION BY r.account_id
            ORDER BY r.place
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS sooner_until
    FROM ranked r
    LEFT JOIN emptied m ON m.lot_id = r.id
),
redemption AS (
    SELECT
        e.id, e.account_id, e.number, e.at,
        MAX(c.place) AS place,
        MAX(c.sooner_until) AS sooner_until
    FROM loyalty_lotallocation x
    JOIN loyalty_pointsentry e ON e.id = x.entry_id
    JOIN closing c ON c.id = x.lot_id
    WHERE e.kind = 'redeem' AND x.points < 0
    GROUP BY e.id, e.account_id, e.number, e.at
)
SELECT
    'entry' AS subject,
    d.id,
    d.account_id,
    'left in a sooner lot' AS what,
    0 AS expected,
    CAST(SUM(h.points) AS BIGINT) AS found
FROM redemption d
JOIN ranked r ON r.account_id = d.account_id AND r.place < d.place
JOIN held h ON h.lot_id = r.id AND h.since <= d.number AND h.until > d.number
WHERE d.sooner_until > d.number
    AND h.points > 0
    AND r.available_at <= d.at
    AND (r.expires_at IS NULL OR r.expires_at > d.at)
GROUP BY d.id, d.account_id
