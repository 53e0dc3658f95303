-- What an entry says is what it did: points + debt_change = allocations + the lot it opened.
WITH moved AS (
    SELECT entry_id, CAST(SUM(points) AS BIGINT) AS points FROM loyalty_lotallocation GROUP BY entry_id
),
entry AS (
    SELECT
        e.id,
        e.account_id,
        CASE WHEN a.is_spendable THEN e.points + e.debt_change ELSE 0 END AS expected,
        COALESCE(m.points, 0) + COALESCE(l.points, 0) AS found
    FROM loyalty_pointsentry e
    JOIN loyalty_pointsaccount a ON a.id = e.account_id
    LEFT JOIN moved m ON m.entry_id = e.id
    LEFT JOIN loyalty_pointslot l ON l.entry_id = e.id
)
SELECT
    'entry' AS subject, id, account_id, 'moved in lots' AS what, expected,
    CAST(found AS BIGINT) AS found
FROM entry
WHERE found <> expected
