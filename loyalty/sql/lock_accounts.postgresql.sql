-- The accounts of these members and kinds as locks, in ascending id. The lists are JSON: as arrays
-- they are looked up in the index.
SELECT
    a.id, a.member_id, a.point_type_id, a.is_spendable, a.balance, a.debt, a.entry_count,
    a.last_entry_at, a.active_on
FROM loyalty_pointsaccount a
WHERE a.member_id = ANY (CAST(translate(%(members)s, '[]', '{}') AS bigint[]))
    AND a.point_type_id = ANY (CAST(translate(%(point_types)s, '[]', '{}') AS bigint[]))
ORDER BY a.id
FOR UPDATE;
