-- Entries are numbered 1…n without a gap and never go back in time; the account knows both ends.
WITH step AS (
    SELECT
        id,
        account_id,
        number,
        at,
        LAG(number, 1, 0) OVER account_order + 1 AS next_number,
        LAG(at) OVER account_order AS previous_at
    FROM loyalty_pointsentry
    WINDOW account_order AS (PARTITION BY account_id ORDER BY number)
),
wrong AS (SELECT * FROM step WHERE number <> next_number OR at < previous_at),
total AS (
    SELECT account_id, COUNT(*) AS entries, MAX(at) AS last_at
    FROM loyalty_pointsentry
    GROUP BY account_id
)
SELECT
    'entry' AS subject, id, account_id, 'number' AS what, CAST(next_number AS TEXT) AS expected,
    CAST(number AS TEXT) AS found
FROM wrong
WHERE number <> next_number
UNION ALL
SELECT 'entry', id, account_id, 'at not before', CAST(previous_at AS TEXT), CAST(at AS TEXT)
FROM wrong
WHERE at < previous_at
UNION ALL
SELECT
    'account', a.id, a.id, 'entry_count', CAST(COALESCE(t.entries, 0) AS TEXT),
    CAST(a.entry_count AS TEXT)
FROM loyalty_pointsaccount a
LEFT JOIN total t ON t.account_id = a.id
WHERE a.entry_count <> COALESCE(t.entries, 0)
UNION ALL
SELECT
    'account', a.id, a.id, 'last_entry_at', CAST(t.last_at AS TEXT), CAST(a.last_entry_at AS TEXT)
FROM loyalty_pointsaccount a
JOIN total t ON t.account_id = a.id
WHERE a.last_entry_at IS NULL OR a.last_entry_at <> t.last_at
