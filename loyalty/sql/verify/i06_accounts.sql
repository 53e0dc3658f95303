-- Lots, allocations and restores stay within one account, and what an account earned, lost or was
-- forgiven by a purchase or a refund within one member.
SELECT
    'allocation' AS subject, x.id, l.account_id, 'account of its entry' AS what,
    l.account_id AS expected, e.account_id AS found
FROM loyalty_lotallocation x
JOIN loyalty_pointslot l ON l.id = x.lot_id
JOIN loyalty_pointsentry e ON e.id = x.entry_id
WHERE e.account_id <> l.account_id
UNION ALL
SELECT 'lot', l.id, l.account_id, 'account of its entry', l.account_id, e.account_id
FROM loyalty_pointslot l
JOIN loyalty_pointsentry e ON e.id = l.entry_id
WHERE e.account_id <> l.account_id
UNION ALL
SELECT 'entry', e.id, e.account_id, 'account of the redemption', e.account_id, r.account_id
FROM loyalty_pointsentry e
JOIN loyalty_pointsentry r ON r.id = e.reverses_id
WHERE e.reverses_id IS NOT NULL AND r.account_id <> e.account_id
UNION ALL
SELECT 'entry', e.id, e.account_id, 'member of its purchase', a.member_id, p.member_id
FROM loyalty_pointsentry e
JOIN loyalty_pointsaccount a ON a.id = e.account_id
JOIN loyalty_purchase p ON p.id = e.purchase_id
WHERE p.member_id IS NULL OR p.member_id <> a.member_id
UNION ALL
SELECT 'entry', e.id, e.account_id, 'member of its refund', a.member_id, r.member_id
FROM loyalty_pointsentry e
JOIN loyalty_pointsaccount a ON a.id = e.account_id
JOIN loyalty_refund r ON r.id = e.refund_id
WHERE r.member_id IS NULL OR r.member_id <> a.member_id
UNION ALL
SELECT 'uncollected', u.id, u.account_id, 'member of its refund', a.member_id, r.member_id
FROM loyalty_uncollectedpoints u
JOIN loyalty_pointsaccount a ON a.id = u.account_id
JOIN loyalty_refund r ON r.id = u.refund_id
WHERE r.member_id IS NULL OR r.member_id <> a.member_id
