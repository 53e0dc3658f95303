-- What would change, by old and new end.
SELECT
    before_at, after_at, COUNT(*), COUNT(DISTINCT member_id), CAST(SUM(points) AS BIGINT),
    CAST(SUM(is_clamped) AS BIGINT)
FROM loyalty_redating
GROUP BY before_at, after_at;
