-- What the listed accounts lost under this night's key.
SELECT CAST(COALESCE(-SUM(e.points), 0) AS BIGINT)
FROM loyalty_expiring x
JOIN loyalty_pointsentry e ON e.account_id = x.account_id AND e.key = %(key)s;
