-- A redemption takes the soonest expiring live lots: after it, no lot that expires sooner than
-- the last one it took from was live and still had points. Never sorts last, then the older lot.
--
-- Dates are those in force at the redemption: before the first change that followed it. They only
-- differ from one change in the account to the next, so each of these eras has an order of its own,
-- of the lots that had points in it; one that no redemption can be in is left out. `until` is the
-- number of the last entry of a lot or an era.
--
-- A lot that is empty (I03 proves what remains) was emptied by the last entry that moved it.
-- `sooner_until` is the number of the entry that emptied the last of all lots that expire sooner.
-- Only redemptions before it are looked at lot by lot: else the work would grow with the square
-- of an account's entries.
WITH movement AS (
    SELECT
        x.lot_id, e.number, CASE WHEN e.kind = 'redeem' AND x.points < 0 THEN e.id END AS redeemed_by
    FROM loyalty_lotallocation x
    JOIN loyalty_pointsentry e ON e.id = x.entry_id
),
emptied AS (
    SELECT lot_id, MAX(number) AS last_number FROM movement GROUP BY lot_id
),
lot AS (
    SELECT
        l.id, l.account_id, o.number AS opened_by, l.available_at, l.expires_at,
        CASE
            WHEN l.remaining = 0 AND m.last_number IS NOT NULL THEN m.last_number
            ELSE 9223372036854775807
        END AS until
    FROM loyalty_pointslot l
    JOIN loyalty_pointsentry o ON o.id = l.entry_id
    LEFT JOIN emptied m ON m.lot_id = l.id
),
change AS (
    SELECT DISTINCT l.account_id, c.after_entry
    FROM loyalty_lotchange c
    JOIN loyalty_pointslot l ON l.id = c.lot_id
),
redeemed AS (
    SELECT account_id, MIN(number) AS first_number, MAX(number) AS last_number
    FROM loyalty_pointsentry
    WHERE kind = 'redeem'
    GROUP BY account_id
),
era AS (
    SELECT b.account_id, b.after_entry, b.until
    FROM (
        SELECT
            account_id,
            LAG(after_entry, 1, -1) OVER (
                PARTITION BY account_id ORDER BY after_entry
            ) AS after_entry,
            after_entry AS until
        FROM change
        UNION ALL
        SELECT account_id, MAX(after_entry), 9223372036854775807
        FROM change
        GROUP BY account_id
    ) b
    JOIN redeemed r
        ON r.account_id = b.account_id
        AND r.first_number <= b.until
        AND r.last_number > b.after_entry
),
-- The entries, after one and up to another, at which a lot had the end (the beginning) that a change
-- took away.
ended AS (
    SELECT
        lot_id, before, after_entry AS until,
        LAG(after_entry, 1, -1) OVER (PARTITION BY lot_id ORDER BY id) AS after_entry
    FROM loyalty_lotchange
    WHERE field = 'expires_at'
),
begun AS (
    SELECT
        lot_id, before, after_entry AS until,
        LAG(after_entry, 1, -1) OVER (PARTITION BY lot_id ORDER BY id) AS after_entry
    FROM loyalty_lotchange
    WHERE field = 'available_at'
),
dated AS (
    SELECT
        id, account_id, opened_by, until, available_at, expires_at, -1 AS after_entry,
        9223372036854775807 AS era
    FROM lot
    WHERE account_id NOT IN (SELECT account_id FROM change)
    UNION ALL
    SELECT
        l.id, l.account_id, l.opened_by, l.until,
        CASE WHEN a.lot_id IS NULL THEN l.available_at ELSE a.before END,
        CASE WHEN c.lot_id IS NULL THEN l.expires_at ELSE c.before END,
        r.after_entry, r.until
    FROM era r
    JOIN lot l
        ON l.account_id = r.account_id AND l.until > r.after_entry AND l.opened_by < r.until
    LEFT JOIN begun a
        ON a.lot_id = l.id AND r.until > a.after_entry AND r.until <= a.until
    LEFT JOIN ended c
        ON c.lot_id = l.id AND r.until > c.after_entry AND r.until <= c.until
),
placed AS (
    SELECT
        d.*,
        ROW_NUMBER() OVER (
            PARTITION BY account_id, era ORDER BY expires_at NULLS LAST, id
        ) AS place,
        MAX(until) OVER (
            PARTITION BY account_id, era
            ORDER BY expires_at NULLS LAST, id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS sooner_until
    FROM dated d
),
redemption AS (
    SELECT e.id, e.account_id, e.number, e.at, d.era, d.place
    FROM (
        SELECT m.redeemed_by, p.era, MAX(p.place) AS place
        FROM placed p
        JOIN movement m
            ON m.lot_id = p.id
            AND m.number > p.after_entry
            AND m.number <= p.era
            AND m.number < p.sooner_until
        WHERE m.redeemed_by IS NOT NULL
        GROUP BY m.redeemed_by, p.era
    ) d
    JOIN loyalty_pointsentry e ON e.id = d.redeemed_by
),
passed_over AS (
    SELECT d.id, d.account_id, d.number, p.id AS lot_id
    FROM redemption d
    JOIN placed p
        ON p.account_id = d.account_id
        AND p.era = d.era
        AND p.place < d.place
        AND p.until > d.number
        AND p.available_at <= d.at
        AND (p.expires_at IS NULL OR p.expires_at > d.at)
        AND p.opened_by < d.number
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
