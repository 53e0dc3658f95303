-- An account with lots that end by inactivity knows the day of its last activity.
SELECT
    'account' AS subject, a.id, a.id AS account_id, 'last activity' AS what,
    CAST(MAX(e.business_date) AS TEXT) AS expected, CAST(a.active_on AS TEXT) AS found
FROM loyalty_pointsaccount a
JOIN loyalty_pointsentry e
    ON e.account_id = a.id
    AND (
        e.kind = 'redeem'
        OR (e.kind = 'earn' AND (e.purchase_id IS NOT NULL OR e.activity_id IS NOT NULL))
    )
WHERE a.active_on IS NOT NULL
GROUP BY a.id, a.active_on
HAVING MAX(e.business_date) <> a.active_on
UNION ALL
SELECT
    'account', l.account_id, l.account_id, 'last activity of lots that need it', 'known', 'unknown'
FROM loyalty_pointslot l
JOIN loyalty_pointsaccount a ON a.id = l.account_id AND a.active_on IS NULL
WHERE l.remaining > 0
    AND CASE WHEN l.redated_to = '' THEN l.expiry ELSE l.redated_to END LIKE 'inactive %%'
GROUP BY l.account_id
