-- A key has at most one effect per account; the row is the latest of those that share it.
SELECT
    'entry' AS subject, MAX(id) AS id, account_id, 'entries with its key' AS what, 1 AS expected,
    COUNT(*) AS found
FROM loyalty_pointsentry
GROUP BY account_id, key
HAVING COUNT(*) > 1
