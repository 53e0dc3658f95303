-- One grant per member, perk and year; its coupon, points, multiplier or tier is its member's.
SELECT
    'member' AS subject, g.member_id AS id, CAST(NULL AS bigint) AS account_id,
    'gifts of birthday perk ' || g.perk_id || ' in ' || g.year AS what,
    1 AS expected, COUNT(*) AS found
FROM benefits_birthdaygrant g
GROUP BY g.member_id, g.perk_id, g.year
HAVING COUNT(*) <> 1
UNION ALL
SELECT 'birthday grant', g.id, NULL, 'member of its coupon', g.member_id, c.member_id
FROM benefits_birthdaygrant g
JOIN benefits_coupon c ON c.id = g.coupon_id
WHERE c.member_id IS NULL OR c.member_id <> g.member_id
UNION ALL
SELECT 'birthday grant', g.id, a.id, 'member of its points', g.member_id, a.member_id
FROM benefits_birthdaygrant g
JOIN loyalty_pointsentry e ON e.id = g.entry_id
JOIN loyalty_pointsaccount a ON a.id = e.account_id
WHERE a.member_id <> g.member_id
UNION ALL
SELECT 'birthday grant', g.id, NULL, 'member of its multiplier', g.member_id, m.member_id
FROM benefits_birthdaygrant g
JOIN loyalty_membermultiplier m ON m.id = g.multiplier_id
WHERE m.member_id <> g.member_id
UNION ALL
SELECT 'birthday grant', g.id, NULL, 'member of its tier', g.member_id, o.member_id
FROM benefits_birthdaygrant g
JOIN loyalty_tieroverride o ON o.id = g.override_id
WHERE o.member_id <> g.member_id
