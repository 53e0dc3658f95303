-- Each buyer's purchase days: how many, the first, the last, and what the later ones came to.
-- Of every %(every)s members one, by their ids.
WITH
-- include parts/buyers
,
-- include parts/net
SELECT
    b.days, b.first_on, b.last_on,
    CASE WHEN net.later_amount > 0 THEN net.later_amount ELSE 0 END
FROM buyers b
JOIN net ON net.member_id = b.member_id
WHERE MOD(b.member_id, %(every)s) = 0
ORDER BY b.member_id;
