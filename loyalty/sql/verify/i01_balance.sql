-- balance - debt is the sum of the entries, now and after each entry.
WITH running AS (
    SELECT
        id,
        account_id,
        balance_after - debt_after AS found,
        SUM(points) OVER (
            PARTITION BY account_id ORDER BY number ROWS UNBOUNDED PRECEDING
        ) AS expected
    FROM loyalty_pointsentry
),
total AS (
    SELECT account_id, SUM(points) AS points FROM loyalty_pointsentry GROUP BY account_id
)
SELECT
    'entry' AS subject,
    id,
    account_id,
    'balance_after - debt_after' AS what,
    CAST(expected AS BIGINT) AS expected,
    found
FROM running
WHERE found <> expected
UNION ALL
SELECT
    'account', a.id, a.id, 'balance - debt', CAST(COALESCE(t.points, 0) AS BIGINT),
    a.balance - a.debt
FROM loyalty_pointsaccount a
LEFT JOIN total t ON t.account_id = a.id
WHERE a.balance - a.debt <> COALESCE(t.points, 0)
