-- One entry of a locked account and all that moves with it, in one round trip. Gives the entry's id.
WITH entry AS (
    INSERT INTO loyalty_pointsentry (
        account_id, number, kind, points, debt_change, balance_after, debt_after, at,
        business_date, key, breakdown, recorded_at, purchase_id, refund_id, activity_id,
        reverses_id, operator_id
    )
    VALUES (
        %(account)s, %(number)s, %(kind)s, %(points)s, %(debt_change)s, %(balance)s, %(debt)s,
        %(at)s, %(business_date)s, %(key)s, %(breakdown)s, %(recorded_at)s, %(purchase)s,
        %(refund)s, %(activity)s, %(reverses)s, %(operator)s
    )
    RETURNING id
),
account AS (
    UPDATE loyalty_pointsaccount
    SET balance = %(balance)s, debt = %(debt)s, entry_count = %(number)s, last_entry_at = %(at)s
    WHERE id = %(account)s
),
lot AS (
    INSERT INTO loyalty_pointslot (
        account_id, entry_id, points, remaining, available_at, expires_at, expiry, activated_on
    )
    SELECT
        %(account)s, entry.id, %(opened)s, %(opened)s, CAST(%(available_at)s AS timestamptz),
        CAST(%(expires_at)s AS timestamptz), %(expiry)s, CAST(%(activated_on)s AS date)
    FROM entry
    WHERE %(opened)s > 0
),
move AS (
    SELECT
        CAST(value->>0 AS bigint) AS lot_id, CAST(value->>1 AS bigint) AS points,
        CAST(value->>2 AS bigint) AS reverses_id, place
    FROM json_array_elements(CAST(%(moves)s AS json)) WITH ORDINALITY AS list (value, place)
),
allocations AS (
    INSERT INTO loyalty_lotallocation (entry_id, lot_id, points, reverses_id)
    SELECT entry.id, move.lot_id, move.points, move.reverses_id
    FROM entry CROSS JOIN move
    ORDER BY move.place
),
moved AS (
    UPDATE loyalty_pointslot
    SET remaining = remaining + total.points
    FROM (SELECT lot_id, SUM(points) AS points FROM move GROUP BY lot_id) AS total
    WHERE loyalty_pointslot.id = total.lot_id
),
note AS (
    INSERT INTO loyalty_entrynote (entry_id, text)
    SELECT id, %(note)s FROM entry WHERE %(note)s <> ''
)
SELECT id FROM entry;
