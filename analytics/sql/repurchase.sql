WITH
-- include parts/buyers
SELECT
    COUNT(*),
    COUNT(CASE WHEN orders > 1 THEN 1 END),
    COUNT(CASE WHEN days > 1 THEN 1 END)
FROM buyers;
