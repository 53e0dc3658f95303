-- A template counts its coupons and those that unfinished batches still owe; neither what is out
-- nor what is used is above the stock. A member's counter counts the coupons that they were given,
-- written or still owed, and is within the limit. Likewise a reward's pieces and its members, and
-- the prizes of a lottery.
SELECT
    'template' AS subject, t.id AS id, NULL AS account_id, 'coupons given out' AS what,
    COALESCE(c.coupons, 0) + COALESCE(b.owed, 0) AS expected, t.issued AS found
FROM benefits_coupontemplate t
LEFT JOIN (
    SELECT template_id, COUNT(*) AS coupons FROM benefits_coupon GROUP BY template_id
) c ON c.template_id = t.id
LEFT JOIN (
    SELECT template_id, SUM(size - done) AS owed
    FROM benefits_couponbatch
    WHERE finished_at IS NULL
    GROUP BY template_id
) b ON b.template_id = t.id
WHERE t.issued <> COALESCE(c.coupons, 0) + COALESCE(b.owed, 0)
UNION ALL
SELECT 'template', t.id, NULL, 'within its stock', t.stock, COUNT(c.id)
FROM benefits_coupontemplate t
JOIN benefits_coupon c ON c.template_id = t.id
WHERE t.stock IS NOT NULL
GROUP BY t.id, t.stock
HAVING COUNT(c.id) > t.stock
UNION ALL
SELECT 'batch', b.id, NULL, 'coupons of it', b.done, COUNT(c.id)
FROM benefits_couponbatch b
LEFT JOIN benefits_coupon c ON c.batch_id = b.id
GROUP BY b.id, b.done
HAVING COUNT(c.id) <> b.done
UNION ALL
SELECT
    'member', m.member_id, NULL, 'coupons of template ' || m.template_id, SUM(m.given),
    SUM(m.counted)
FROM (
    SELECT c.template_id, c.member_id, 1 AS given, 0 AS counted
    FROM benefits_coupon c
    WHERE c.member_id IS NOT NULL
    UNION ALL
    SELECT b.template_id, r.member_id, 1, 0
    FROM benefits_couponrecipient r
    JOIN benefits_couponbatch b ON b.id = r.batch_id
    WHERE r.number > b.done
    UNION ALL
    SELECT n.template_id, n.member_id, 0, n.issued
    FROM benefits_couponcounter n
) m
GROUP BY m.template_id, m.member_id
HAVING SUM(m.given) <> SUM(m.counted)
UNION ALL
SELECT 'reward', r.id, NULL, 'pieces that orders hold', COALESCE(o.pieces, 0), r.taken
FROM benefits_reward r
LEFT JOIN (
    SELECT reward_id, SUM(pieces) AS pieces FROM benefits_rewardorder GROUP BY reward_id
) o ON o.reward_id = r.id
WHERE r.taken <> COALESCE(o.pieces, 0)
UNION ALL
SELECT 'reward', r.id, NULL, 'within its stock', r.stock, SUM(o.pieces)
FROM benefits_reward r
JOIN benefits_rewardorder o ON o.reward_id = r.id
WHERE r.stock IS NOT NULL
GROUP BY r.id, r.stock
HAVING SUM(o.pieces) > r.stock
UNION ALL
SELECT
    'member', m.member_id, NULL, 'orders of reward ' || m.reward_id, SUM(m.placed),
    SUM(m.counted)
FROM (
    SELECT o.reward_id, o.member_id, 1 AS placed, 0 AS counted
    FROM benefits_rewardorder o
    WHERE o.status NOT IN ('cancelled', 'restored')
    UNION ALL
    SELECT n.reward_id, n.member_id, 0, n.taken
    FROM benefits_rewardcounter n
) m
GROUP BY m.reward_id, m.member_id
HAVING SUM(m.placed) <> SUM(m.counted)
UNION ALL
SELECT 'prize', p.id, NULL, 'draws of it', COUNT(d.id), p.taken
FROM benefits_lotteryprize p
LEFT JOIN benefits_lotterydraw d ON d.prize_id = p.id
GROUP BY p.id, p.taken
HAVING COUNT(d.id) <> p.taken
UNION ALL
SELECT 'order', o.id, NULL, 'points that its entry took', o.points, -e.points
FROM benefits_rewardorder o
JOIN loyalty_pointsentry e ON e.id = o.entry_id
WHERE e.points <> -o.points
