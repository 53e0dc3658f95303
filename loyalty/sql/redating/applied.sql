-- What a run has changed, by old and new end.
SELECT
    c.before, c.after, COUNT(*), COUNT(DISTINCT l.account_id), CAST(SUM(c.points) AS BIGINT)
FROM loyalty_lotchange c
JOIN loyalty_pointslot l ON l.id = c.lot_id
WHERE c.run_id = %(run)s
GROUP BY c.before, c.after;
