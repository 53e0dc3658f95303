-- What each member bought since %(since_on)s and before %(before)s, each article once: of one member
-- in %(every)s, and of each of them the %(most)s latest articles, so that the pairs stay bounded.
CREATE TEMPORARY TABLE IF NOT EXISTS analytics_basket (
    member_id BIGINT NOT NULL,
    sku VARCHAR(60) NOT NULL,
    PRIMARY KEY (member_id, sku)
);

DELETE FROM analytics_basket;

INSERT INTO analytics_basket (member_id, sku)
SELECT member_id, sku
FROM (
    SELECT
        member_id, sku,
        ROW_NUMBER() OVER (PARTITION BY member_id ORDER BY MAX(business_date) DESC, sku) AS place
    FROM (
        SELECT p.member_id, p.business_date, l.sku
        FROM loyalty_purchase p
        JOIN loyalty_purchaseline l ON l.purchase_id = p.id
        WHERE p.at >= %(since)s AND p.at < %(until)s
            AND p.business_date >= %(since_on)s AND p.business_date < %(before)s
            AND p.member_id IS NOT NULL AND MOD(p.member_id, %(every)s) = 0
            AND l.quantity > 0 AND l.amount > 0
            AND NOT EXISTS (
                SELECT 1
                FROM loyalty_refundline back
                JOIN loyalty_refund r ON r.id = back.refund_id
                WHERE back.purchase_line_id = l.id AND r.business_date < %(before)s
                GROUP BY back.purchase_line_id
                HAVING SUM(back.quantity) >= l.quantity
            )
    ) bought
    GROUP BY member_id, sku
) ranked
WHERE place <= %(most)s;

-- A table just filled is unknown to the planner.
ANALYZE analytics_basket;

DELETE FROM analytics_article;

INSERT INTO analytics_article (sku, description, members)
SELECT sku, '', COUNT(*) FROM analytics_basket GROUP BY sku HAVING COUNT(*) >= %(fewest)s;

DELETE FROM analytics_companion;

INSERT INTO analytics_companion (
    sku, other, place, together, closeness, support, lift
)
WITH total AS (SELECT COUNT(DISTINCT member_id) AS members FROM analytics_basket),
kept AS (
    SELECT basket.member_id, basket.sku
    FROM analytics_basket basket
    JOIN analytics_article article ON article.sku = basket.sku
),
pairs AS (
    SELECT one.sku, two.sku AS other, COUNT(*) AS together
    FROM kept one
    JOIN kept two ON two.member_id = one.member_id AND two.sku > one.sku
    GROUP BY one.sku, two.sku
    HAVING COUNT(*) >= %(fewest)s
),
both_ways AS (
    SELECT sku, other, together FROM pairs
    UNION ALL
    SELECT other, sku, together FROM pairs
),
measured AS (
    SELECT
        both_ways.sku, both_ways.other, both_ways.together,
        1.0 * both_ways.together * both_ways.together / (one.members * two.members) AS closeness,
        1.0 * both_ways.together / total.members AS support,
        1.0 * both_ways.together * total.members / (one.members * two.members) AS lift
    FROM both_ways
    JOIN analytics_article one ON one.sku = both_ways.sku
    JOIN analytics_article two ON two.sku = both_ways.other
    CROSS JOIN total
),
placed AS (
    SELECT
        measured.*,
        ROW_NUMBER() OVER (PARTITION BY sku ORDER BY closeness DESC, together DESC, other) AS place
    FROM measured
    -- Above chance only: what everybody buys is bought along with everything.
    WHERE lift > 1
)
SELECT sku, other, place, together, closeness, support, lift
FROM placed
WHERE place <= %(closest)s;

UPDATE analytics_article
SET description = found.description
FROM (
    SELECT sku, MAX(description) AS description
    FROM (
        SELECT
            l.sku, l.description,
            ROW_NUMBER() OVER (PARTITION BY l.sku ORDER BY p.business_date DESC, l.id DESC) AS place
        FROM loyalty_purchaseline l
        JOIN loyalty_purchase p ON p.id = l.purchase_id
        WHERE p.at >= %(since)s AND p.at < %(until)s AND p.business_date < %(before)s
            AND l.description <> ''
    ) told
    WHERE place = 1
    GROUP BY sku
) found
WHERE found.sku = analytics_article.sku;
