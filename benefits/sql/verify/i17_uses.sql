-- A used coupon has one use that stands, any other has none; the use is its owner's, of a purchase
-- of theirs, and not before the coupon was valid.
SELECT
    'coupon' AS subject, c.id AS id, NULL AS account_id, 'uses that stand' AS what,
    CASE WHEN c.status = 'used' THEN 1 ELSE 0 END AS expected, COUNT(u.id) AS found
FROM benefits_coupon c
LEFT JOIN benefits_couponuse u ON u.coupon_id = c.id AND u.returned_at IS NULL
GROUP BY c.id, c.status
HAVING COUNT(u.id) <> CASE WHEN c.status = 'used' THEN 1 ELSE 0 END
UNION ALL
SELECT 'use', u.id, NULL, 'member who used it', c.member_id, u.member_id
FROM benefits_couponuse u
JOIN benefits_coupon c ON c.id = u.coupon_id
WHERE c.member_id IS NULL OR c.member_id <> u.member_id
UNION ALL
SELECT 'use', u.id, NULL, 'member of its purchase', p.member_id, u.member_id
FROM benefits_couponuse u
JOIN loyalty_purchase p ON p.id = u.purchase_id
WHERE p.member_id IS NOT NULL AND p.member_id <> u.member_id
UNION ALL
SELECT 'use', u.id, NULL, 'used before it was valid', 0, 1
FROM benefits_couponuse u
JOIN benefits_coupon c ON c.id = u.coupon_id
WHERE u.at < c.valid_from
