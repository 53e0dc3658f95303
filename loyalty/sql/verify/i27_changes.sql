-- Changes of lots: per lot and date each begins where the one before it ended, and the last ends at
-- the date that the lot has; they follow the ledger's order; none reaches a lot before it was there
-- or after it had ended, none ends a lot in the past, and each says what remained.
WITH step AS (
    SELECT
        c.id,
        c.lot_id,
        c.field,
        c.before,
        c.after,
        c.points,
        c.at,
        c.after_entry,
        l.account_id,
        o.number AS opened_by,
        ROW_NUMBER() OVER lot_order AS place,
        LAG(c.after) OVER lot_order AS previous_after,
        LAG(c.at) OVER lot_order AS previous_at,
        LAG(c.after_entry) OVER lot_order AS previous_entry,
        LEAD(c.id) OVER lot_order AS next_id,
        CASE c.field WHEN 'expires_at' THEN l.expires_at ELSE l.available_at END AS present
    FROM loyalty_lotchange c
    JOIN loyalty_pointslot l ON l.id = c.lot_id
    JOIN loyalty_pointsentry o ON o.id = l.entry_id
    WINDOW lot_order AS (PARTITION BY c.lot_id, c.field ORDER BY c.id)
)
SELECT
    'change' AS subject, id, account_id, 'before' AS what,
    CAST(previous_after AS TEXT) AS expected, CAST(before AS TEXT) AS found
FROM step
WHERE place > 1 AND COALESCE(CAST(previous_after AS TEXT), '') <> COALESCE(CAST(before AS TEXT), '')
UNION ALL
SELECT 'change', id, account_id, 'date of the lot', CAST(after AS TEXT), CAST(present AS TEXT)
FROM step
WHERE next_id IS NULL
    AND COALESCE(CAST(after AS TEXT), '') <> COALESCE(CAST(present AS TEXT), '')
UNION ALL
SELECT 'change', id, account_id, 'at not before', CAST(previous_at AS TEXT), CAST(at AS TEXT)
FROM step
WHERE at < previous_at
UNION ALL
SELECT
    'change', s.id, s.account_id, 'after entry',
    CAST(CASE WHEN s.after_entry > a.entry_count THEN a.entry_count
        WHEN s.after_entry < s.opened_by THEN s.opened_by ELSE s.previous_entry END AS TEXT),
    CAST(s.after_entry AS TEXT)
FROM step s
JOIN loyalty_pointsaccount a ON a.id = s.account_id
WHERE s.after_entry > a.entry_count
    OR s.after_entry < s.opened_by
    OR s.after_entry < s.previous_entry
UNION ALL
SELECT 'change', s.id, s.account_id, 'at of its entry', CAST(e.at AS TEXT), CAST(s.at AS TEXT)
FROM step s
JOIN loyalty_pointsentry e ON e.account_id = s.account_id AND e.number = s.after_entry
WHERE s.at < e.at
UNION ALL
SELECT 'change', id, account_id, 'before it ended', CAST(before AS TEXT), CAST(at AS TEXT)
FROM step
WHERE field = 'expires_at' AND before <= at
UNION ALL
SELECT 'change', id, account_id, 'end still to come', CAST(after AS TEXT), CAST(at AS TEXT)
FROM step
WHERE field = 'expires_at' AND after <= at
UNION ALL
SELECT 'change', id, account_id, 'spendable from its instant', CAST(at AS TEXT), CAST(after AS TEXT)
FROM step
WHERE field = 'available_at' AND after <> at
UNION ALL
SELECT
    'change', s.id, s.account_id, 'points then',
    CAST(l.points + COALESCE(SUM(x.points), 0) AS TEXT), CAST(s.points AS TEXT)
FROM step s
JOIN loyalty_pointslot l ON l.id = s.lot_id
LEFT JOIN (
    SELECT y.lot_id, y.points, e.number
    FROM loyalty_lotallocation y
    JOIN loyalty_pointsentry e ON e.id = y.entry_id
    WHERE y.lot_id IN (SELECT lot_id FROM loyalty_lotchange)
) x ON x.lot_id = s.lot_id AND x.number <= s.after_entry
GROUP BY s.id, s.account_id, s.points, l.points
HAVING s.points <> l.points + COALESCE(SUM(x.points), 0)
