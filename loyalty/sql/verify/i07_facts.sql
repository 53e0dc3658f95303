-- A purchase earns at most once per kind of points; a refund claws back at most once.
SELECT
    'purchase' AS subject, e.purchase_id AS id, MAX(e.account_id) AS account_id,
    'entries that earn' AS what, 1 AS expected, COUNT(*) AS found
FROM loyalty_pointsentry e
JOIN loyalty_pointsaccount a ON a.id = e.account_id
WHERE e.kind = 'earn' AND e.purchase_id IS NOT NULL
GROUP BY e.purchase_id, a.point_type_id
HAVING COUNT(*) > 1
UNION ALL
SELECT 'refund', e.refund_id, MAX(e.account_id), 'entries that claw back', 1, COUNT(*)
FROM loyalty_pointsentry e
JOIN loyalty_pointsaccount a ON a.id = e.account_id
WHERE e.kind = 'clawback' AND e.refund_id IS NOT NULL
GROUP BY e.refund_id, a.point_type_id
HAVING COUNT(*) > 1
