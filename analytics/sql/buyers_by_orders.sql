WITH
-- include parts/buyers
SELECT orders, COUNT(*) FROM buyers GROUP BY orders;
