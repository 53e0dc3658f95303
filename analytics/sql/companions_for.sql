-- Articles that a member has not bought since %(since_on)s, by what they bought: each with its
-- closeness summed over those, and the closest of them as the reason.
WITH bought AS (
    SELECT l.sku, MAX(p.business_date) AS last_on
    FROM loyalty_purchase p
    JOIN loyalty_purchaseline l ON l.purchase_id = p.id
    WHERE p.member_id = %(member)s AND p.business_date >= %(since_on)s
        AND l.quantity > 0 AND l.amount > 0
    GROUP BY l.sku
),
recent AS (
    SELECT sku FROM bought ORDER BY last_on DESC, sku LIMIT %(recent)s
),
found AS (
    SELECT
        c.other, c.sku, c.together, c.lift, c.closeness,
        SUM(c.closeness) OVER (PARTITION BY c.other) AS score,
        ROW_NUMBER() OVER (PARTITION BY c.other ORDER BY c.closeness DESC, c.sku) AS place
    FROM recent
    JOIN analytics_companion c ON c.sku = recent.sku
    WHERE NOT EXISTS (SELECT 1 FROM bought WHERE bought.sku = c.other)
)
SELECT
    found.other, article.description, found.sku, because.description, found.together, found.lift
FROM found
JOIN analytics_article article ON article.sku = found.other
JOIN analytics_article because ON because.sku = found.sku
WHERE found.place = 1
ORDER BY found.score DESC, found.other
LIMIT %(limit)s;
