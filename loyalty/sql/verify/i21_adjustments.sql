-- Every adjustment was asked for, posted once and as asked, and above the limit in force then
-- approved by as many as it needed, none of them its maker.
SELECT
    'entry' AS subject, e.id, e.account_id, 'requests' AS what, 1 AS expected, 0 AS found
FROM loyalty_pointsentry e
LEFT JOIN loyalty_adjustmentrequest r ON r.entry_id = e.id
WHERE e.kind = 'adjust' AND r.id IS NULL
UNION ALL
SELECT
    'adjustment', r.id, r.account_id, 'points posted', r.points,
    CASE WHEN e.kind = 'adjust' AND e.account_id = r.account_id THEN e.points ELSE 0 END
FROM loyalty_adjustmentrequest r
JOIN loyalty_pointsentry e ON e.id = r.entry_id
WHERE e.points <> r.points OR e.account_id <> r.account_id OR e.kind <> 'adjust'
UNION ALL
SELECT
    'adjustment', r.id, r.account_id, 'entries of its status',
    CASE WHEN r.status = 'posted' THEN 1 ELSE 0 END,
    CASE WHEN r.entry_id IS NULL THEN 0 ELSE 1 END
FROM loyalty_adjustmentrequest r
WHERE (r.status = 'posted') <> (r.entry_id IS NOT NULL)
UNION ALL
SELECT
    'adjustment', n.id, n.account_id, 'approvals by others than its maker', n.needed,
    COUNT(a.id)
FROM (
    SELECT
        r.id,
        r.account_id,
        r.maker_id,
        CASE WHEN ABS(r.points) > r.two_approvers_above THEN 2 ELSE 1 END AS needed
    FROM loyalty_adjustmentrequest r
    WHERE r.entry_id IS NOT NULL AND ABS(r.points) > r.limit_in_force
) n
LEFT JOIN loyalty_adjustmentapproval a
    ON a.request_id = n.id AND a.decision = 'approve' AND a.checker_id <> n.maker_id
GROUP BY n.id, n.account_id, n.needed
HAVING COUNT(a.id) < n.needed
