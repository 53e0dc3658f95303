-- What is given back: of a redemption, into the lots it took from, never more than it took.
WITH restored AS (
    SELECT reverses_id, SUM(points) AS points
    FROM loyalty_pointsentry
    WHERE reverses_id IS NOT NULL
    GROUP BY reverses_id
),
put_back AS (
    SELECT reverses_id, SUM(points) AS points
    FROM loyalty_lotallocation
    WHERE reverses_id IS NOT NULL
    GROUP BY reverses_id
),
traced AS (
    SELECT entry_id, SUM(points) AS points
    FROM loyalty_lotallocation
    WHERE points > 0
    GROUP BY entry_id
)
SELECT
    'entry' AS subject,
    e.id,
    e.account_id,
    'given back at most' AS what,
    CASE WHEN e.kind = 'redeem' THEN -e.points ELSE 0 END AS expected,
    CAST(r.points AS BIGINT) AS found
FROM restored r
JOIN loyalty_pointsentry e ON e.id = r.reverses_id
WHERE r.points > CASE WHEN e.kind = 'redeem' THEN -e.points ELSE 0 END
UNION ALL
SELECT
    'allocation', x.id, e.account_id, 'put back at most', -x.points, CAST(p.points AS BIGINT)
FROM put_back p
JOIN loyalty_lotallocation x ON x.id = p.reverses_id
JOIN loyalty_pointsentry e ON e.id = x.entry_id
WHERE p.points > -x.points
UNION ALL
SELECT 'allocation', x.id, e.account_id, 'redemption that it reverses', e.reverses_id, s.entry_id
FROM loyalty_lotallocation x
JOIN loyalty_lotallocation s ON s.id = x.reverses_id
JOIN loyalty_pointsentry e ON e.id = x.entry_id
WHERE e.reverses_id IS NULL OR e.reverses_id <> s.entry_id
UNION ALL
SELECT 'allocation', x.id, e.account_id, 'lot that it was taken from', s.lot_id, x.lot_id
FROM loyalty_lotallocation x
JOIN loyalty_lotallocation s ON s.id = x.reverses_id
JOIN loyalty_pointsentry e ON e.id = x.entry_id
WHERE x.lot_id <> s.lot_id
UNION ALL
SELECT
    'entry', e.id, e.account_id, 'put back into lots', e.points,
    CAST(COALESCE(t.points, 0) AS BIGINT)
FROM loyalty_pointsentry e
JOIN loyalty_pointsaccount a ON a.id = e.account_id
LEFT JOIN traced t ON t.entry_id = e.id
WHERE e.kind = 'restore' AND a.is_spendable AND e.points <> COALESCE(t.points, 0)
