-- What this run has just expired.
SELECT CAST(COALESCE(SUM(d.points), 0) AS BIGINT)
FROM loyalty_due d;
