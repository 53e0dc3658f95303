-- Taken, owed and uncollected by the refunds of a purchase together: at most what it earned.
WITH claimed AS (
    SELECT r.purchase_id, part.account_id, SUM(part.points) AS points
    FROM (
        SELECT refund_id, account_id, -points AS points
        FROM loyalty_pointsentry
        WHERE kind = 'clawback' AND refund_id IS NOT NULL
        UNION ALL
        SELECT refund_id, account_id, points FROM loyalty_uncollectedpoints
    ) AS part
    JOIN loyalty_refund r ON r.id = part.refund_id
    WHERE r.purchase_id IS NOT NULL
    GROUP BY r.purchase_id, part.account_id
)
SELECT
    'purchase' AS subject,
    c.purchase_id AS id,
    c.account_id,
    'clawed back at most' AS what,
    CAST(COALESCE(SUM(e.points), 0) AS BIGINT) AS expected,
    CAST(c.points AS BIGINT) AS found
FROM claimed c
LEFT JOIN loyalty_pointsentry e
    ON e.purchase_id = c.purchase_id AND e.account_id = c.account_id AND e.kind = 'earn'
GROUP BY c.purchase_id, c.account_id, c.points
HAVING c.points > COALESCE(SUM(e.points), 0)
