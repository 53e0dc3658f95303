-- The debt is the sum of its changes, now and after each entry, and never negative. An account of
-- which nothing says that there ever was a debt is in order.
WITH indebted AS (
    SELECT account_id FROM loyalty_pointsentry WHERE debt_change <> 0 OR debt_after <> 0
    UNION
    SELECT id FROM loyalty_pointsaccount WHERE debt <> 0
),
running AS (
    SELECT
        id,
        account_id,
        debt_after,
        SUM(debt_change) OVER (
            PARTITION BY account_id ORDER BY number ROWS UNBOUNDED PRECEDING
        ) AS debt
    FROM loyalty_pointsentry
    WHERE account_id IN (SELECT account_id FROM indebted)
),
total AS (
    SELECT account_id, SUM(debt_change) AS debt
    FROM loyalty_pointsentry
    WHERE account_id IN (SELECT account_id FROM indebted)
    GROUP BY account_id
)
SELECT
    'entry' AS subject, id, account_id, 'debt_after' AS what, CAST(debt AS BIGINT) AS expected,
    debt_after AS found
FROM running
WHERE debt_after <> debt
UNION ALL
SELECT 'entry', id, account_id, 'debt not negative', 0, CAST(debt AS BIGINT)
FROM running
WHERE debt < 0
UNION ALL
SELECT 'account', a.id, a.id, 'debt', CAST(COALESCE(t.debt, 0) AS BIGINT), a.debt
FROM loyalty_pointsaccount a
LEFT JOIN total t ON t.account_id = a.id
WHERE a.debt <> COALESCE(t.debt, 0)
