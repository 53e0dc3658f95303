-- The floor of the night's member metrics: everything that SQL can say of every member in one
-- statement: purchases, net money, favourites, interactions, fifths, health.
WITH whole AS (
    SELECT r.purchase_id
    FROM loyalty_refund r
    JOIN loyalty_purchase p ON p.id = r.purchase_id
    WHERE r.business_date < %(before)s
    GROUP BY r.purchase_id, p.amount
    HAVING SUM(r.amount) >= p.amount
),
counted AS (
    SELECT p.id, p.member_id, p.business_date, p.at, p.store_id
    FROM loyalty_purchase p
    LEFT JOIN whole ON whole.purchase_id = p.id
    WHERE p.business_date < %(before)s
        AND whole.purchase_id IS NULL
        AND (
            p.amount > 0
            OR EXISTS (
                SELECT 1 FROM loyalty_purchaseline l
                WHERE l.purchase_id = p.id AND l.quantity > 0 AND l.unit_price > 0
            )
        )
),
bought AS (
    SELECT
        member_id, COUNT(*) AS orders, COUNT(DISTINCT business_date) AS days,
        COUNT(*) FILTER (WHERE business_date >= %(since_365)s) AS orders_365,
        MIN(business_date) AS first_on, MAX(business_date) AS last_on,
        MODE() WITHIN GROUP (ORDER BY EXTRACT(HOUR FROM at AT TIME ZONE %(zone)s))
            FILTER (WHERE business_date >= %(since_365)s) AS hour,
        MODE() WITHIN GROUP (ORDER BY EXTRACT(ISODOW FROM business_date) - 1)
            FILTER (WHERE business_date >= %(since_365)s) AS weekday,
        MODE() WITHIN GROUP (ORDER BY store_id)
            FILTER (WHERE business_date >= %(since_365)s) AS store_id
    FROM counted
    GROUP BY member_id
),
liked AS (
    SELECT c.member_id, MODE() WITHIN GROUP (ORDER BY l.category_id) AS category_id
    FROM counted c
    JOIN loyalty_purchaseline l ON l.purchase_id = c.id
    WHERE c.business_date >= %(since_365)s AND l.category_id IS NOT NULL AND l.quantity > 0
    GROUP BY c.member_id
),
moved AS (
    SELECT member_id, business_date, business_date AS spent_on, amount
    FROM loyalty_purchase
    WHERE business_date < %(before)s AND member_id IS NOT NULL
    UNION ALL
    SELECT r.member_id, r.business_date, COALESCE(p.business_date, r.business_date), -r.amount
    FROM loyalty_refund r
    LEFT JOIN loyalty_purchase p ON p.id = r.purchase_id
    WHERE r.business_date < %(before)s AND r.member_id IS NOT NULL
),
net AS (
    SELECT
        moved.member_id,
        SUM(moved.amount)::bigint AS money,
        COALESCE(SUM(moved.amount) FILTER (WHERE moved.business_date >= %(since_365)s), 0)::bigint
            AS money_365,
        COALESCE(SUM(moved.amount) FILTER (WHERE moved.business_date >= %(since_90)s), 0)::bigint
            AS money_90,
        GREATEST(
            COALESCE(SUM(moved.amount) FILTER (WHERE moved.spent_on > bought.first_on), 0), 0
        )::bigint AS later
    FROM moved
    LEFT JOIN bought ON bought.member_id = moved.member_id
    GROUP BY moved.member_id
),
visits AS (
    SELECT
        member_id, COUNT(*) FILTER (WHERE business_date >= %(since_30)s) AS of_30,
        COUNT(*) FILTER (WHERE business_date >= %(since_90)s) AS of_90,
        MAX(business_date) AS last_on
    FROM members_portalday
    WHERE business_date >= %(since_365)s AND business_date < %(before)s
    GROUP BY member_id
),
done AS (
    SELECT
        member_id,
        COUNT(*) FILTER (WHERE kind = 'check_in' AND business_date >= %(since_30)s) AS check_30,
        COUNT(*) FILTER (WHERE kind = 'check_in' AND business_date >= %(since_90)s) AS check_90,
        COUNT(*) FILTER (WHERE kind = 'review' AND business_date >= %(since_30)s) AS review_30,
        COUNT(*) FILTER (WHERE kind = 'review' AND business_date >= %(since_90)s) AS review_90,
        COUNT(*) FILTER (WHERE kind = 'share' AND business_date >= %(since_30)s) AS share_30,
        COUNT(*) FILTER (WHERE kind = 'share' AND business_date >= %(since_90)s) AS share_90,
        COUNT(*) FILTER (WHERE kind = 'event_attended' AND business_date >= %(since_30)s)
            AS attended_30,
        COUNT(*) FILTER (WHERE kind = 'event_attended' AND business_date >= %(since_90)s)
            AS attended_90,
        COUNT(*) FILTER (WHERE business_date >= %(since_30)s) AS of_30,
        COUNT(*) FILTER (WHERE business_date >= %(since_90)s) AS of_90,
        MAX(business_date) AS last_on
    FROM loyalty_activity
    WHERE business_date >= %(since_365)s AND business_date < %(before)s AND kind <> 'birthday'
    GROUP BY member_id
),
told AS (
    SELECT
        member_id,
        COALESCE(SUM(events) FILTER (WHERE business_date >= %(since_30)s), 0) AS of_30,
        COALESCE(SUM(events) FILTER (WHERE business_date >= %(since_90)s), 0) AS of_90,
        MAX(business_date) AS last_on
    FROM analytics_behaviourday
    WHERE business_date >= %(since_365)s AND business_date < %(before)s AND events > 0
    GROUP BY member_id
),
everybody AS (
    SELECT
        m.id, m.external_number, b.*, l.category_id, n.money, n.money_365, n.money_90, n.later,
        COALESCE(v.of_30, 0) AS visits_30, COALESCE(v.of_90, 0) AS visits_90,
        COALESCE(d.check_30, 0) AS check_30, COALESCE(d.check_90, 0) AS check_90,
        COALESCE(d.review_30, 0) AS review_30, COALESCE(d.review_90, 0) AS review_90,
        COALESCE(d.share_30, 0) AS share_30, COALESCE(d.share_90, 0) AS share_90,
        COALESCE(d.attended_30, 0) AS attended_30, COALESCE(d.attended_90, 0) AS attended_90,
        COALESCE(v.of_30, 0) + COALESCE(d.of_30, 0) AS inter_30,
        COALESCE(v.of_90, 0) + COALESCE(d.of_90, 0) AS inter_90,
        COALESCE(t.of_30, 0) AS events_30, COALESCE(t.of_90, 0) AS events_90,
        GREATEST(v.last_on, d.last_on, t.last_on) AS last_interaction_on
    FROM members_member m
    LEFT JOIN bought b ON b.member_id = m.id
    LEFT JOIN liked l ON l.member_id = m.id
    LEFT JOIN net n ON n.member_id = m.id
    LEFT JOIN visits v ON v.member_id = m.id
    LEFT JOIN done d ON d.member_id = m.id
    LEFT JOIN told t ON t.member_id = m.id
),
placed AS (
    SELECT
        id, last_on, orders, money,
        ROW_NUMBER() OVER (
            ORDER BY
                CASE
                    WHEN external_number ~ '^[0-9]{1,18}$' THEN external_number::bigint
                END NULLS LAST,
                external_number NULLS LAST, id
        ) AS place
    FROM everybody
    WHERE orders > 0
),
fifths AS (
    SELECT
        id,
        NTILE(5) OVER (ORDER BY last_on, place) AS r,
        NTILE(5) OVER (ORDER BY orders, place) AS f,
        NTILE(5) OVER (ORDER BY money, place) AS m
    FROM placed
),
parts AS (
    SELECT
        e.*, f.r, f.f, f.m,
        (
            GREATEST(
                %(recency_days)s - (CAST(%(before)s AS date) - COALESCE(e.last_on, '1900-01-01')), 0
            ) * 1000 / %(recency_days)s
            + LEAST(COALESCE(e.orders_365, 0), %(orders_full)s) * 1000 / %(orders_full)s
            + GREATEST(LEAST(COALESCE(e.money_365, 0), %(money_full)s), 0) * 1000 / %(money_full)s
        ) / 3 AS spending,
        (
            LEAST(e.inter_30, %(interactions_30_full)s) * 1000 / %(interactions_30_full)s
            + LEAST(e.inter_90, %(interactions_90_full)s) * 1000 / %(interactions_90_full)s
        ) / 2 AS interaction,
        (
            LEAST(e.events_30, %(events_30_full)s) * 1000 / %(events_30_full)s
            + LEAST(e.events_90, %(events_90_full)s) * 1000 / %(events_90_full)s
        ) / 2 AS behaviour
    FROM everybody e
    LEFT JOIN fifths f ON f.id = e.id
),
scored AS (
    SELECT
        parts.*,
        (
            %(spending_weight)s * spending + %(interaction_weight)s * interaction
            + %(behaviour_weight)s * behaviour
        ) / 1000 AS score
    FROM parts
)
INSERT INTO analytics_membermetrics (
    member_id, business_date, first_purchase_on, last_purchase_on, orders, purchase_days,
    money, money_365, money_90, later_amount, orders_365,
    favourite_hour, favourite_weekday, favourite_store_id, favourite_category_id,
    visits_30, visits_90, check_ins_30, check_ins_90, reviews_30, reviews_90, shares_30, shares_90,
    attended_30, attended_90, interactions_30, interactions_90, events_30, events_90,
    last_interaction_on, spending_score, interaction_score, behaviour_score,
    health_score, band, quadrant, mark_score, mark_on, recency_score, frequency_score, money_score
)
SELECT
    id, %(before)s, first_on, last_on, COALESCE(orders, 0), COALESCE(days, 0),
    COALESCE(money, 0), COALESCE(money_365, 0), COALESCE(money_90, 0), COALESCE(later, 0),
    COALESCE(orders_365, 0), hour, weekday, store_id, category_id,
    visits_30, visits_90, check_30, check_90, review_30, review_90, share_30, share_90,
    attended_30, attended_90, inter_30, inter_90, events_30, events_90,
    last_interaction_on, spending / 10, interaction / 10, behaviour / 10, score,
    CASE WHEN score >= %(bound_3)s THEN 3 WHEN score >= %(bound_2)s THEN 2
        WHEN score >= %(bound_1)s THEN 1 ELSE 0 END,
    CASE
        WHEN COALESCE(money_90, 0) >= %(quadrant_money)s
        THEN CASE WHEN inter_30 >= %(quadrant_interactions)s THEN 'active' ELSE 'churn_risk' END
        WHEN inter_30 >= %(quadrant_interactions)s THEN 'low_active'
        ELSE 'silent'
    END,
    score, %(before)s, r, f, m
FROM scored
ON CONFLICT (member_id) DO UPDATE SET
    business_date = excluded.business_date,
    first_purchase_on = excluded.first_purchase_on,
    last_purchase_on = excluded.last_purchase_on,
    orders = excluded.orders,
    purchase_days = excluded.purchase_days,
    money = excluded.money,
    money_365 = excluded.money_365,
    money_90 = excluded.money_90,
    later_amount = excluded.later_amount,
    orders_365 = excluded.orders_365,
    favourite_hour = excluded.favourite_hour,
    favourite_weekday = excluded.favourite_weekday,
    favourite_store_id = excluded.favourite_store_id,
    favourite_category_id = excluded.favourite_category_id,
    visits_30 = excluded.visits_30,
    visits_90 = excluded.visits_90,
    check_ins_30 = excluded.check_ins_30,
    check_ins_90 = excluded.check_ins_90,
    reviews_30 = excluded.reviews_30,
    reviews_90 = excluded.reviews_90,
    shares_30 = excluded.shares_30,
    shares_90 = excluded.shares_90,
    attended_30 = excluded.attended_30,
    attended_90 = excluded.attended_90,
    interactions_30 = excluded.interactions_30,
    interactions_90 = excluded.interactions_90,
    events_30 = excluded.events_30,
    events_90 = excluded.events_90,
    last_interaction_on = excluded.last_interaction_on,
    spending_score = excluded.spending_score,
    interaction_score = excluded.interaction_score,
    behaviour_score = excluded.behaviour_score,
    health_score = excluded.health_score,
    band = excluded.band,
    quadrant = excluded.quadrant,
    mark_score = excluded.mark_score,
    mark_on = excluded.mark_on,
    recency_score = excluded.recency_score,
    frequency_score = excluded.frequency_score,
    money_score = excluded.money_score;
