-- A redemption takes the soonest expiring live lots: after it, no lot that expires sooner than
-- the last one it took from was live and still had points. Never sorts last, then the older lot.
--
-- `sooner_until` is the number of the entry that emptied the last of all lots that expire sooner.
-- Only redemptions before it are looked at lot by lot: else the work would grow with the square
-- of an account's entries. Accounts with a lot whose dates were changed are looked at apart, by the
-- dates in force at each redemption: those before the first change that followed it.
WITH moved AS (
    SELECT x.lot_id, SUM(x.points) AS points, MAX(e.number) AS last_number
    FROM loyalty_lotallocation x
    JOIN loyalty_pointsentry e ON e.id = x.entry_id
    GROUP BY x.lot_id
),
changed AS (
    SELECT DISTINCT l.account_id
    FROM loyalty_lotchange c
    JOIN loyalty_pointslot l ON l.id = c.lot_id
),
lot AS (
    SELECT
        l.id, l.account_id, l.expires_at,
        CASE WHEN l.points + m.points = 0 THEN m.last_number ELSE 9223372036854775807 END AS until
    FROM loyalty_pointslot l
    LEFT JOIN moved m ON m.lot_id = l.id
),
placed AS (
    SELECT
        id,
        account_id,
        ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY expires_at NULLS LAST, id) AS place,
        MAX(until) OVER (
            PARTITION BY account_id
            ORDER BY expires_at NULLS LAST, id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS sooner_until
    FROM lot
    WHERE account_id NOT IN (SELECT account_id FROM changed)
),
redemption AS (
    SELECT e.id, e.account_id, e.number, e.at, MAX(p.place) AS place
    FROM loyalty_lotallocation x
    JOIN loyalty_pointsentry e ON e.id = x.entry_id
    JOIN placed p ON p.id = x.lot_id
    WHERE e.kind = 'redeem' AND x.points < 0 AND p.sooner_until > e.number
    GROUP BY e.id, e.account_id, e.number, e.at
),
-- Of changed accounts: every redemption with each lot that was there and not emptied for good, by
-- the dates in force.
choice AS (
    SELECT
        e.id AS entry_id, e.account_id, e.number, e.at, l.id AS lot_id,
        COALESCE((
            SELECT MIN(c.id)
            FROM loyalty_lotchange c
            WHERE c.lot_id = l.id AND c.field = 'available_at' AND c.after_entry >= e.number
        ), 0) AS live_change,
        COALESCE((
            SELECT MIN(c.id)
            FROM loyalty_lotchange c
            WHERE c.lot_id = l.id AND c.field = 'expires_at' AND c.after_entry >= e.number
        ), 0) AS end_change
    FROM changed d
    JOIN loyalty_pointsentry e ON e.account_id = d.account_id AND e.kind = 'redeem'
    JOIN lot l ON l.account_id = d.account_id AND l.until >= e.number
    JOIN loyalty_pointslot p ON p.id = l.id
    JOIN loyalty_pointsentry o ON o.id = p.entry_id AND o.number < e.number
),
dated AS (
    SELECT
        h.entry_id, h.account_id, h.number, h.at, h.lot_id,
        CASE WHEN h.live_change = 0 THEN l.available_at ELSE a.before END AS available_at,
        CASE WHEN h.end_change = 0 THEN l.expires_at ELSE c.before END AS expires_at
    FROM choice h
    JOIN loyalty_pointslot l ON l.id = h.lot_id
    LEFT JOIN loyalty_lotchange a ON a.id = h.live_change
    LEFT JOIN loyalty_lotchange c ON c.id = h.end_change
),
ranked AS (
    SELECT
        t.*,
        ROW_NUMBER() OVER (
            PARTITION BY entry_id ORDER BY expires_at NULLS LAST, lot_id
        ) AS place
    FROM dated t
),
last_taken AS (
    SELECT r.entry_id, MAX(r.place) AS place
    FROM ranked r
    JOIN loyalty_lotallocation x ON x.entry_id = r.entry_id AND x.lot_id = r.lot_id
    WHERE x.points < 0
    GROUP BY r.entry_id
),
passed_over AS (
    SELECT d.id, d.account_id, d.number, p.id AS lot_id
    FROM redemption d
    JOIN placed p ON p.account_id = d.account_id AND p.place < d.place
    JOIN loyalty_pointslot l ON l.id = p.id
    JOIN loyalty_pointsentry o ON o.id = l.entry_id
    WHERE o.number < d.number
        AND l.available_at <= d.at
        AND (l.expires_at IS NULL OR l.expires_at > d.at)
    UNION ALL
    SELECT r.entry_id, r.account_id, r.number, r.lot_id
    FROM ranked r
    JOIN last_taken t ON t.entry_id = r.entry_id AND r.place < t.place
    WHERE r.available_at <= r.at AND (r.expires_at IS NULL OR r.expires_at > r.at)
),
left_in AS (
    SELECT
        d.id,
        d.account_id,
        l.points + COALESCE((
            SELECT SUM(x.points)
            FROM loyalty_lotallocation x
            JOIN loyalty_pointsentry e ON e.id = x.entry_id
            WHERE x.lot_id = d.lot_id AND e.number <= d.number
        ), 0) AS points
    FROM passed_over d
    JOIN loyalty_pointslot l ON l.id = d.lot_id
)
SELECT
    'entry' AS subject,
    id,
    account_id,
    'left in lots that expire sooner' AS what,
    0 AS expected,
    CAST(SUM(points) AS BIGINT) AS found
FROM left_in
WHERE points > 0
GROUP BY id, account_id
