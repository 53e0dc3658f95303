-- Points that paid for a purchase: one redemption of its own member, of the price that it was quoted
-- for, worth what the purchase says, given back by its refunds alone and whole with the last of them.
WITH paid AS (
    SELECT
        p.id, p.member_id, p.amount, p.paid_by_points, p.points_used,
        y.amount AS worth, y.purchase_amount, e.id AS entry_id, e.kind, e.points,
        a.id AS account_id, a.member_id AS holder_id
    FROM loyalty_purchase p
    JOIN loyalty_pointspayment y ON y.id = p.payment_id
    JOIN loyalty_pointsentry e ON e.id = y.entry_id
    JOIN loyalty_pointsaccount a ON a.id = e.account_id
),
restored AS (
    SELECT
        e.reverses_id,
        SUM(e.points) AS points,
        SUM(CASE WHEN r.purchase_id IS NULL THEN e.points ELSE 0 END) AS without_refund
    FROM loyalty_pointsentry e
    LEFT JOIN loyalty_refund r ON r.id = e.refund_id
    WHERE e.reverses_id IS NOT NULL
    GROUP BY e.reverses_id
),
refunded AS (
    SELECT
        purchase_id, SUM(amount) AS amount, SUM(paid_by_points) AS paid_by_points
    FROM loyalty_refund
    WHERE purchase_id IS NOT NULL
    GROUP BY purchase_id
)
SELECT
    'purchase' AS subject, p.id, p.account_id, 'member whose points paid' AS what,
    p.member_id AS expected, p.holder_id AS found
FROM paid p
WHERE p.member_id IS NULL OR p.member_id <> p.holder_id
UNION ALL
SELECT
    'purchase', p.id, p.account_id, 'points used', p.points_used,
    CASE WHEN p.kind = 'redeem' THEN -p.points ELSE 0 END
FROM paid p
WHERE p.points_used <> CASE WHEN p.kind = 'redeem' THEN -p.points ELSE 0 END
UNION ALL
SELECT 'purchase', p.id, p.account_id, 'part paid by points', p.paid_by_points, p.worth
FROM paid p
WHERE p.paid_by_points <> p.worth
UNION ALL
SELECT
    'purchase', p.id, p.account_id, 'price that the points were taken for',
    p.amount + p.paid_by_points, p.purchase_amount
FROM paid p
WHERE p.amount + p.paid_by_points <> p.purchase_amount
UNION ALL
SELECT
    'purchase', p.id, p.account_id, 'given back without a refund of it', 0,
    CAST(s.without_refund AS BIGINT)
FROM paid p
JOIN restored s ON s.reverses_id = p.entry_id
WHERE s.without_refund <> 0
UNION ALL
SELECT
    'purchase', p.id, p.account_id, 'given back with the last refund', p.points_used,
    CAST(COALESCE(s.points, 0) AS BIGINT)
FROM paid p
JOIN refunded f ON f.purchase_id = p.id
LEFT JOIN restored s ON s.reverses_id = p.entry_id
WHERE f.amount = p.amount
    AND f.paid_by_points = p.paid_by_points
    AND p.points_used <> COALESCE(s.points, 0)
UNION ALL
SELECT
    'purchase', f.purchase_id, NULL, 'part paid by points refunded at most',
    p.paid_by_points, CAST(f.paid_by_points AS BIGINT)
FROM refunded f
JOIN loyalty_purchase p ON p.id = f.purchase_id
WHERE f.paid_by_points > p.paid_by_points
UNION ALL
SELECT
    'entry', e.id, e.account_id, 'refund of the purchase that its points paid for',
    r.purchase_id, p.id
FROM loyalty_pointsentry e
JOIN loyalty_refund r ON r.id = e.refund_id
LEFT JOIN paid p ON p.entry_id = e.reverses_id
WHERE e.kind = 'restore'
    AND (p.id IS NULL OR r.purchase_id IS NULL OR r.purchase_id <> p.id)
