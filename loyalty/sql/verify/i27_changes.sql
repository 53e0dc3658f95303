-- Changes of lots: per lot and date each begins where the one before it ended, and the last ends at
-- the date that the lot has; they follow the ledger's order; none reaches a lot before it was there
-- or after it had ended, none ends a lot in the past, and each says what remained.
--
-- What each change can be asked by itself, or by the one before or after it, is asked in one pass;
-- only those that are wrong are looked at closely. What remained is what is left now without all
-- that moved since (I03 proves what is left): where nothing did, nothing is looked up. A change is
-- compared with its entry where the account has a later one than its instant (I19 proves which).
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
        l.remaining,
        o.number AS opened_by,
        a.entry_count,
        a.last_entry_at,
        LAG(c.id) OVER lot_order AS previous_id,
        LAG(c.after) OVER lot_order AS previous_after,
        LAG(c.at) OVER lot_order AS previous_at,
        LAG(c.after_entry) OVER lot_order AS previous_entry,
        LEAD(c.id) OVER lot_order AS next_id,
        CASE c.field WHEN 'expires_at' THEN l.expires_at ELSE l.available_at END AS present
    FROM loyalty_lotchange c
    JOIN loyalty_pointslot l ON l.id = c.lot_id
    JOIN loyalty_pointsentry o ON o.id = l.entry_id
    JOIN loyalty_pointsaccount a ON a.id = l.account_id
    WINDOW lot_order AS (PARTITION BY c.lot_id, c.field ORDER BY c.id)
),
asked AS (
    SELECT
        s.*,
        previous_id IS NOT NULL AND (
            before <> previous_after OR (before IS NULL) <> (previous_after IS NULL)
        ) AS begins_elsewhere,
        next_id IS NULL AND (after <> present OR (after IS NULL) <> (present IS NULL))
            AS ends_elsewhere,
        after_entry > entry_count OR after_entry < opened_by
            OR (previous_id IS NOT NULL AND after_entry < previous_entry) AS is_out_of_order
    FROM step s
),
suspect AS (
    SELECT *
    FROM asked
    WHERE begins_elsewhere
        OR ends_elsewhere
        OR is_out_of_order
        OR at < previous_at
        OR at < last_entry_at
        OR (field = 'expires_at' AND (before <= at OR after <= at))
        OR (field = 'available_at' AND after <> at)
),
moved_since AS (
    SELECT s.id, SUM(x.points) AS points
    FROM step s
    JOIN loyalty_lotallocation x ON x.lot_id = s.lot_id
    JOIN loyalty_pointsentry e ON e.id = x.entry_id AND e.number > s.after_entry
    WHERE s.after_entry < s.entry_count
    GROUP BY s.id
)
SELECT
    'change' AS subject, id, account_id, 'before' AS what,
    CAST(previous_after AS TEXT) AS expected, CAST(before AS TEXT) AS found
FROM suspect
WHERE begins_elsewhere
UNION ALL
SELECT 'change', id, account_id, 'date of the lot', CAST(after AS TEXT), CAST(present AS TEXT)
FROM suspect
WHERE ends_elsewhere
UNION ALL
SELECT 'change', id, account_id, 'at not before', CAST(previous_at AS TEXT), CAST(at AS TEXT)
FROM suspect
WHERE at < previous_at
UNION ALL
SELECT
    'change', id, account_id, 'after entry',
    CAST(CASE WHEN after_entry > entry_count THEN entry_count
        WHEN after_entry < opened_by THEN opened_by ELSE previous_entry END AS TEXT),
    CAST(after_entry AS TEXT)
FROM suspect
WHERE is_out_of_order
UNION ALL
SELECT 'change', s.id, s.account_id, 'at of its entry', CAST(e.at AS TEXT), CAST(s.at AS TEXT)
FROM suspect s
JOIN loyalty_pointsentry e ON e.account_id = s.account_id AND e.number = s.after_entry
WHERE s.at < e.at
UNION ALL
SELECT 'change', id, account_id, 'before it ended', CAST(before AS TEXT), CAST(at AS TEXT)
FROM suspect
WHERE field = 'expires_at' AND before <= at
UNION ALL
SELECT 'change', id, account_id, 'end still to come', CAST(after AS TEXT), CAST(at AS TEXT)
FROM suspect
WHERE field = 'expires_at' AND after <= at
UNION ALL
SELECT 'change', id, account_id, 'spendable from its instant', CAST(at AS TEXT), CAST(after AS TEXT)
FROM suspect
WHERE field = 'available_at' AND after <> at
UNION ALL
SELECT
    'change', s.id, s.account_id, 'points then',
    CAST(s.remaining - COALESCE(m.points, 0) AS TEXT), CAST(s.points AS TEXT)
FROM step s
LEFT JOIN moved_since m ON m.id = s.id
WHERE s.points <> s.remaining - COALESCE(m.points, 0)
