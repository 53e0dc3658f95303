-- Book lots as spendable that have been so since the cutoff or before; moves no points.
UPDATE loyalty_pointslot
SET activated_on = %(business_date)s
WHERE activated_on IS NULL
    AND available_at <= %(cutoff)s
    AND account_id IN (
        SELECT a.id
        FROM loyalty_pointsaccount a
        WHERE a.member_id >= %(first)s AND a.member_id <= %(last)s
    );
