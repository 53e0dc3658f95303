-- Accounts of a kind with points left, about to be re-dated. (SQLite: BEGIN IMMEDIATE is the lock.)
SELECT a.id
FROM loyalty_pointsaccount a
WHERE a.member_id >= %(first)s AND a.member_id <= %(last)s
    AND a.point_type_id = %(point_type)s
    AND EXISTS (
        SELECT 1 FROM loyalty_pointslot l WHERE l.account_id = a.id AND l.remaining > 0
    )
ORDER BY a.id;
