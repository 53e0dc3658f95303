WITH
-- include parts/buyers
SELECT last_on, COUNT(*) FROM buyers GROUP BY last_on;
