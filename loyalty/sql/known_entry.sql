-- The entry that a key has made in an account, if any.
SELECT e.id, e.kind, e.points
FROM loyalty_pointsentry e
WHERE e.account_id = %(account)s AND e.key = %(key)s;
