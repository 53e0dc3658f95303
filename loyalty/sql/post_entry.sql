-- One entry of a locked account and all that moves with it. Gives the entry's id.
INSERT INTO loyalty_pointsentry (
    account_id, number, kind, points, debt_change, balance_after, debt_after, at, business_date,
    key, breakdown, recorded_at, purchase_id, refund_id, activity_id, reverses_id, operator_id
)
VALUES (
    %(account)s, %(number)s, %(kind)s, %(points)s, %(debt_change)s, %(balance)s, %(debt)s, %(at)s,
    %(business_date)s, %(key)s, %(breakdown)s, %(recorded_at)s, %(purchase)s, %(refund)s,
    %(activity)s, %(reverses)s, %(operator)s
);

UPDATE loyalty_pointsaccount
SET balance = %(balance)s, debt = %(debt)s, entry_count = %(number)s, last_entry_at = %(at)s
WHERE id = %(account)s;

INSERT INTO loyalty_pointslot (
    account_id, entry_id, points, remaining, available_at, expires_at, expiry, activated_on
)
SELECT
    e.account_id, e.id, %(opened)s, %(opened)s, %(available_at)s, %(expires_at)s, %(expiry)s,
    %(activated_on)s
FROM loyalty_pointsentry e
WHERE e.account_id = %(account)s AND e.number = %(number)s AND %(opened)s > 0;

INSERT INTO loyalty_lotallocation (entry_id, lot_id, points, reverses_id)
SELECT
    e.id, json_extract(move.value, '$[0]'), json_extract(move.value, '$[1]'),
    json_extract(move.value, '$[2]')
FROM loyalty_pointsentry e
JOIN json_each(%(moves)s) move ON true
WHERE e.account_id = %(account)s AND e.number = %(number)s
ORDER BY move.key;

UPDATE loyalty_pointslot
SET remaining = remaining + total.points
FROM (
    SELECT
        json_extract(move.value, '$[0]') AS lot_id, SUM(json_extract(move.value, '$[1]')) AS points
    FROM json_each(%(moves)s) move
    GROUP BY 1
) AS total
WHERE loyalty_pointslot.id = total.lot_id;

INSERT INTO loyalty_entrynote (entry_id, text)
SELECT e.id, %(note)s
FROM loyalty_pointsentry e
WHERE e.account_id = %(account)s AND e.number = %(number)s AND %(note)s <> '';

SELECT e.id
FROM loyalty_pointsentry e
WHERE e.account_id = %(account)s AND e.number = %(number)s;
