-- How many members bought, and when the first did.
WITH
-- include parts/buyers
SELECT COUNT(*), MIN(first_on) FROM buyers;
