-- What a member holds of one kind of points at an instant: the account's debt, and what remains in
-- lots that have not ended. Lots that are still held stand apart by the instant from which they can
-- be spent, those that end soon by their end, all others together. No row without an account.
-- The names of the instants say to SQLite's driver what they are.
SELECT
    a.debt,
    CASE WHEN l.available_at > %(at)s THEN l.available_at END AS "pending_at [datetime]",
    CASE WHEN l.expires_at <= %(soon)s THEN l.expires_at END AS "expires_at [datetime]",
    CAST(COALESCE(SUM(l.remaining), 0) AS BIGINT)
FROM loyalty_pointsaccount a
JOIN loyalty_pointtype k ON k.id = a.point_type_id AND k.code = %(code)s
LEFT JOIN loyalty_pointslot l
    ON l.account_id = a.id
    AND l.remaining > 0
    AND (l.expires_at > %(at)s OR l.expires_at IS NULL)
WHERE a.member_id = %(member)s
GROUP BY 1, 2, 3;
