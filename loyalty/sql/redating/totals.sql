-- The listed lots together.
SELECT COUNT(*), COUNT(DISTINCT member_id), CAST(COALESCE(SUM(points), 0) AS BIGINT)
FROM loyalty_redating;
