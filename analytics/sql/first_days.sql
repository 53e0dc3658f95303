-- How many members first bought on each day up to the trial's end.
WITH
-- include parts/buyers
SELECT first_on, COUNT(*) FROM buyers WHERE first_on <= %(trial_end)s GROUP BY first_on;
