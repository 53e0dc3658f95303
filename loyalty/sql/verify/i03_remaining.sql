-- What remains in a lot is its points and all that was taken and put back, within its bounds.
WITH moved AS (
    SELECT lot_id, SUM(points) AS points FROM loyalty_lotallocation GROUP BY lot_id
),
lot AS (
    SELECT l.id, l.account_id, l.points, l.remaining, l.points + COALESCE(m.points, 0) AS due
    FROM loyalty_pointslot l
    LEFT JOIN moved m ON m.lot_id = l.id
)
SELECT
    'lot' AS subject, id, account_id, 'remaining' AS what, CAST(due AS BIGINT) AS expected,
    remaining AS found
FROM lot
WHERE remaining <> due
UNION ALL
SELECT
    'lot', id, account_id, 'remaining within 0 and its points',
    CASE WHEN remaining < 0 THEN 0 ELSE points END, remaining
FROM lot
WHERE remaining < 0 OR remaining > points
