-- Figures of every member, whoever they are; scores and predictions stay until they are made anew.
INSERT INTO analytics_membermetrics (
    member_id, business_date, first_purchase_on, last_purchase_on, orders, purchase_days,
    money, money_365, money_90, later_amount
)
WITH
-- include parts/buyers
,
-- include parts/net
SELECT
    m.id, %(before)s, b.first_on, b.last_on, COALESCE(b.orders, 0), COALESCE(b.days, 0),
    COALESCE(net.amount, 0), COALESCE(net.amount_365, 0), COALESCE(net.amount_90, 0),
    CASE WHEN net.later_amount > 0 THEN net.later_amount ELSE 0 END
FROM members_member m
LEFT JOIN buyers b ON b.member_id = m.id
LEFT JOIN net ON net.member_id = m.id
WHERE m.id >= %(first)s AND m.id <= %(last)s
ON CONFLICT (member_id) DO UPDATE SET
    business_date = excluded.business_date,
    first_purchase_on = excluded.first_purchase_on,
    last_purchase_on = excluded.last_purchase_on,
    orders = excluded.orders,
    purchase_days = excluded.purchase_days,
    money = excluded.money,
    money_365 = excluded.money_365,
    money_90 = excluded.money_90,
    later_amount = excluded.later_amount;
