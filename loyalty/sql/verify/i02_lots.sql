-- The balance of a spendable kind is what remains in its lots; other kinds have no lots.
WITH held AS (
    SELECT account_id, SUM(remaining) AS points, COUNT(*) AS lots
    FROM loyalty_pointslot
    GROUP BY account_id
)
SELECT
    'account' AS subject,
    a.id,
    a.id AS account_id,
    CASE WHEN a.is_spendable THEN 'balance' ELSE 'lots of a kind that has none' END AS what,
    CAST(CASE WHEN a.is_spendable THEN COALESCE(h.points, 0) ELSE 0 END AS BIGINT) AS expected,
    CAST(CASE WHEN a.is_spendable THEN a.balance ELSE h.lots END AS BIGINT) AS found
FROM loyalty_pointsaccount a
LEFT JOIN held h ON h.account_id = a.id
WHERE (a.is_spendable AND a.balance <> COALESCE(h.points, 0)) OR (NOT a.is_spendable AND h.lots > 0)
