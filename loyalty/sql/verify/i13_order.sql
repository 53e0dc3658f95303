-- A redemption takes the soonest expiring live lots: after it, no lot that expires sooner than
-- the last one it took from was live and still had points. Never sorts last, then the older lot.
--
-- `sooner_until` is the number of the entry that emptied the last of all lots that expire sooner.
-- Only redemptions before it are looked at lot by lot: else the work would grow with the square
-- of an account's entries.
WITH moved AS (
    SELECT x.lot_id, SUM(x.points) AS points, MAX(e.number) AS last_number
    FROM loyalty_lotallocation x
    JOIN loyalty_pointsentry e ON e.id = x.entry_id
    GROUP BY x.lot_id
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
),
redemption AS (
    SELECT e.id, e.account_id, e.number, e.at, MAX(p.place) AS place
    FROM loyalty_lotallocation x
    JOIN loyalty_pointsentry e ON e.id = x.entry_id
    JOIN placed p ON p.id = x.lot_id
    WHERE e.kind = 'redeem' AND x.points < 0 AND p.sooner_until > e.number
    GROUP BY e.id, e.account_id, e.number, e.at
),
passed_over AS (
    SELECT
        d.id,
        d.account_id,
        l.points + COALESCE((
            SELECT SUM(x.points)
            FROM loyalty_lotallocation x
            JOIN loyalty_pointsentry e ON e.id = x.entry_id
            WHERE x.lot_id = l.id AND e.number <= d.number
        ), 0) AS points
    FROM redemption d
    JOIN placed p ON p.account_id = d.account_id AND p.place < d.place
    JOIN loyalty_pointslot l ON l.id = p.id
    JOIN loyalty_pointsentry o ON o.id = l.entry_id
    WHERE o.number < d.number
        AND l.available_at <= d.at
        AND (l.expires_at IS NULL OR l.expires_at > d.at)
)
SELECT
    'entry' AS subject,
    id,
    account_id,
    'left in lots that expire sooner' AS what,
    0 AS expected,
    CAST(SUM(points) AS BIGINT) AS found
FROM passed_over
WHERE points > 0
GROUP BY id, account_id
