-- Each buyer's purchase days: how many, the first, the last, and what the later ones came to.
-- Of every %(every)s members one, by their ids.
WITH
-- include parts/buyers
,
-- include parts/later
SELECT b.days, b.first_on, b.last_on, COALESCE(later.amount, 0)
FROM buyers b
LEFT JOIN later ON later.member_id = b.member_id
WHERE MOD(b.member_id, %(every)s) = 0
ORDER BY b.member_id;
