-- Lock, in ascending id, the accounts whose lots are about to be booked as spendable.
SELECT a.id
FROM loyalty_pointsaccount a
WHERE a.member_id >= %(first)s AND a.member_id <= %(last)s
    AND EXISTS (
        SELECT 1
        FROM loyalty_pointslot l
        WHERE l.account_id = a.id AND l.activated_on IS NULL AND l.available_at <= %(cutoff)s
    )
ORDER BY a.id
FOR UPDATE OF a;
