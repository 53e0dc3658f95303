-- A purchase earns at most once per kind of points; a refund claws back and gives back at most once;
-- the key of such an entry (purchase:1, refund:1, refund:1:restore) and what it names are the same fact.
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
UNION ALL
SELECT 'entry', e.id, e.account_id, 'its key is of the purchase that it names', 1, 0
FROM loyalty_pointsentry e
WHERE (e.purchase_id IS NULL AND e.key LIKE 'purchase:%%')
    OR e.key <> 'purchase:' || CAST(e.purchase_id AS VARCHAR(20))
UNION ALL
SELECT 'refund', e.refund_id, MAX(e.account_id), 'entries that give back', 1, COUNT(*)
FROM loyalty_pointsentry e
WHERE e.kind = 'restore' AND e.refund_id IS NOT NULL
GROUP BY e.refund_id, e.account_id
HAVING COUNT(*) > 1
UNION ALL
SELECT 'entry', e.id, e.account_id, 'its key is of the refund that it names', 1, 0
FROM loyalty_pointsentry e
WHERE (e.refund_id IS NULL AND e.key LIKE 'refund:%%')
    OR e.key <> 'refund:' || CAST(e.refund_id AS VARCHAR(20))
    || CASE WHEN e.kind = 'restore' THEN ':restore' ELSE '' END
