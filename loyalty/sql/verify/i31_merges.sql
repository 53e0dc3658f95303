-- What moved by merges came in pairs that cancel one another: of one kind, between the two members of
-- the merge, and every entry of that kind is in one pair. Who is merged is so by one live merge.
SELECT
    'merge move' AS subject, v.id, t.account_id, 'points of the pair' AS what, 0 AS expected,
    t.points + g.points AS found
FROM loyalty_mergemove v
JOIN loyalty_pointsentry t ON t.id = v.taken_id
JOIN loyalty_pointsentry g ON g.id = v.given_id
WHERE t.points + g.points <> 0
UNION ALL
SELECT 'merge move', v.id, g.account_id, 'kind of points', ta.point_type_id, ga.point_type_id
FROM loyalty_mergemove v
JOIN loyalty_pointsentry t ON t.id = v.taken_id
JOIN loyalty_pointsentry g ON g.id = v.given_id
JOIN loyalty_pointsaccount ta ON ta.id = t.account_id
JOIN loyalty_pointsaccount ga ON ga.id = g.account_id
WHERE ta.point_type_id <> ga.point_type_id
UNION ALL
SELECT
    'merge move', v.id, t.account_id, 'member it was taken from',
    CASE WHEN v.is_return THEN m.kept_id ELSE m.merged_id END, a.member_id
FROM loyalty_mergemove v
JOIN members_membermerge m ON m.id = v.merge_id
JOIN loyalty_pointsentry t ON t.id = v.taken_id
JOIN loyalty_pointsaccount a ON a.id = t.account_id
WHERE a.member_id <> CASE WHEN v.is_return THEN m.kept_id ELSE m.merged_id END
UNION ALL
SELECT
    'merge move', v.id, g.account_id, 'member it was given to',
    CASE WHEN v.is_return THEN m.merged_id ELSE m.kept_id END, a.member_id
FROM loyalty_mergemove v
JOIN members_membermerge m ON m.id = v.merge_id
JOIN loyalty_pointsentry g ON g.id = v.given_id
JOIN loyalty_pointsaccount a ON a.id = g.account_id
WHERE a.member_id <> CASE WHEN v.is_return THEN m.merged_id ELSE m.kept_id END
UNION ALL
SELECT 'entry', e.id, e.account_id, 'pairs that it is in', 1, COUNT(v.id)
FROM loyalty_pointsentry e
LEFT JOIN loyalty_mergemove v ON v.taken_id = e.id OR v.given_id = e.id
WHERE e.kind = 'merge'
GROUP BY e.id, e.account_id
HAVING COUNT(v.id) <> 1
UNION ALL
SELECT 'entry', e.id, e.account_id, 'entry of a merge', 1, 0
FROM loyalty_mergemove v
JOIN loyalty_pointsentry e ON e.id = v.taken_id OR e.id = v.given_id
WHERE e.kind <> 'merge'
UNION ALL
SELECT 'merge', m.id, NULL, 'member merged into', m.kept_id, p.merged_into_id
FROM members_membermerge m
JOIN members_member p ON p.id = m.merged_id
WHERE m.undone_at IS NULL AND (p.merged_into_id IS NULL OR p.merged_into_id <> m.kept_id)
UNION ALL
SELECT 'member', p.id, NULL, 'live merges', 1, 0
FROM members_member p
WHERE p.merged_into_id IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM members_membermerge m WHERE m.merged_id = p.id AND m.undone_at IS NULL
    )
UNION ALL
SELECT 'merge', m.id, NULL, 'merges of the member kept', 0, COUNT(o.id)
FROM members_membermerge m
JOIN members_membermerge o ON o.merged_id = m.kept_id AND o.undone_at IS NULL
WHERE m.undone_at IS NULL
GROUP BY m.id
