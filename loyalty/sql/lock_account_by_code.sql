-- A member's account of a kind, and the kind. (SQLite: BEGIN IMMEDIATE is the lock.)
SELECT
    a.id, a.member_id, a.point_type_id, a.is_spendable, a.balance, a.debt, a.entry_count,
    a.last_entry_at, a.active_on, t.id, t.name_en, t.name_zh, t.code, t.is_spendable, t.expiry, t.holding,
    t.clawback
FROM loyalty_pointsaccount a
JOIN loyalty_pointtype t ON t.id = a.point_type_id
WHERE a.member_id = %(member)s AND t.code = %(code)s;
