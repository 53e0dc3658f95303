-- Purchases of these days by store, by channel and by category; hours are added apart.
DELETE FROM analytics_dailysales
WHERE business_date >= %(first_on)s AND business_date <= %(last_on)s;

INSERT INTO analytics_dailysales (
    business_date, "by", "key", orders, amount, member_orders, member_amount
)
WITH
-- include parts/sales
,
moved AS (
    SELECT business_date, store_id, channel_id, member_id, is_order, amount FROM sold
    UNION ALL
    SELECT business_date, store_id, channel_id, member_id, 0, -amount FROM returned
),
sorted AS (
    SELECT 'store' AS sort, COALESCE(store_id, 0) AS of_which, business_date, member_id, is_order, amount
    FROM moved
    UNION ALL
    SELECT 'channel', COALESCE(channel_id, 0), business_date, member_id, is_order, amount FROM moved
)
SELECT
    business_date, sort, of_which,
    SUM(is_order),
    CAST(SUM(amount) AS BIGINT),
    COALESCE(SUM(CASE WHEN member_id IS NOT NULL THEN is_order END), 0),
    CAST(COALESCE(SUM(CASE WHEN member_id IS NOT NULL THEN amount END), 0) AS BIGINT)
FROM sorted
GROUP BY business_date, sort, of_which;

INSERT INTO analytics_dailysales (
    business_date, "by", "key", orders, amount, member_orders, member_amount
)
WITH
-- include parts/sales
,
lines AS (
    SELECT
        sold.business_date, COALESCE(l.category_id, 0) AS category_id, sold.member_id, l.amount,
        CASE WHEN sold.is_order = 1 THEN sold.id END AS order_id
    FROM sold
    JOIN loyalty_purchaseline l ON l.purchase_id = sold.id
    UNION ALL
    SELECT
        returned.business_date,
        -- Where a refund does not say which line came back, the article of its purchase does.
        COALESCE(
            l.category_id,
            (
                SELECT MAX(same.category_id) FROM loyalty_purchaseline same
                WHERE same.purchase_id = returned.purchase_id AND same.sku = back.sku
            ),
            0
        ),
        returned.member_id, -back.amount, NULL
    FROM returned
    JOIN loyalty_refundline back ON back.refund_id = returned.id
    LEFT JOIN loyalty_purchaseline l ON l.id = back.purchase_line_id
)
SELECT
    business_date, 'category', category_id,
    COUNT(DISTINCT order_id),
    CAST(SUM(amount) AS BIGINT),
    COUNT(DISTINCT CASE WHEN member_id IS NOT NULL THEN order_id END),
    CAST(COALESCE(SUM(CASE WHEN member_id IS NOT NULL THEN amount END), 0) AS BIGINT)
FROM lines
GROUP BY business_date, category_id;
