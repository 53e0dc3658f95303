-- The accounts of these members and kinds, in ascending id. (SQLite: BEGIN IMMEDIATE is the lock.)
SELECT
    a.id, a.member_id, a.point_type_id, a.is_spendable, a.balance, a.debt, a.entry_count,
    a.last_entry_at, a.active_on
FROM loyalty_pointsaccount a
WHERE a.member_id IN (SELECT value FROM json_each(%(members)s))
    AND a.point_type_id IN (SELECT value FROM json_each(%(point_types)s))
ORDER BY a.id;
