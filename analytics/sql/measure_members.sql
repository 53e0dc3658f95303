-- Figures of every member, whoever they are, but for those who were merged into another; scores and predictions stay until they are made anew.
INSERT INTO analytics_membermetrics (
    member_id, business_date, first_purchase_on, last_purchase_on, orders, purchase_days,
    money, money_365, money_90, later_amount, orders_365,
    favourite_hour, favourite_weekday, favourite_store_id, favourite_category_id,
    visits_30, visits_90, check_ins_30, check_ins_90, reviews_30, reviews_90, shares_30, shares_90,
    attended_30, attended_90, interactions_30, interactions_90, events_30, events_90,
    last_interaction_on, health_version_id, spending_score, interaction_score, behaviour_score,
    health_score, band, quadrant, mark_score, mark_on
)
WITH
-- include parts/buyers
,
-- include parts/net
,
-- include parts/favourites
,
-- include parts/interactions
,
bought AS (
    SELECT
        b.member_id, b.first_on, b.last_on, b.orders, b.days, b.orders_365,
        f.hour, f.weekday, f.store_id, f.category_id,
-- include parts/gone
    FROM buyers b
    LEFT JOIN favourites f ON f.member_id = b.member_id
),
told AS (
    SELECT
        m.id AS member_id, b.first_on, b.last_on, COALESCE(b.orders, 0) AS orders,
        COALESCE(b.days, 0) AS days, COALESCE(b.orders_365, 0) AS orders_365, b.gone_days,
        b.hour, b.weekday, b.store_id, b.category_id,
        COALESCE(net.amount, 0) AS money, COALESCE(net.amount_365, 0) AS money_365,
        COALESCE(net.amount_90, 0) AS money_90,
        CASE WHEN net.later_amount > 0 THEN net.later_amount ELSE 0 END AS later_amount,
        COALESCE(i.visits_30, 0) AS visits_30, COALESCE(i.visits_90, 0) AS visits_90,
        COALESCE(i.check_ins_30, 0) AS check_ins_30, COALESCE(i.check_ins_90, 0) AS check_ins_90,
        COALESCE(i.reviews_30, 0) AS reviews_30, COALESCE(i.reviews_90, 0) AS reviews_90,
        COALESCE(i.shares_30, 0) AS shares_30, COALESCE(i.shares_90, 0) AS shares_90,
        COALESCE(i.attended_30, 0) AS attended_30, COALESCE(i.attended_90, 0) AS attended_90,
        COALESCE(i.interactions_30, 0) AS interactions_30,
        COALESCE(i.interactions_90, 0) AS interactions_90,
        COALESCE(i.events_30, 0) AS events_30, COALESCE(i.events_90, 0) AS events_90,
        i.last_on AS last_interaction_on
    FROM members_member m
    LEFT JOIN bought b ON b.member_id = m.id
    LEFT JOIN net ON net.member_id = m.id
    LEFT JOIN interactions i ON i.member_id = m.id
    WHERE m.id >= %(first)s AND m.id <= %(last)s AND m.merged_into_id IS NULL
),
-- include parts/health
SELECT
    member_id, %(before)s, first_on, last_on, orders, days,
    money, money_365, money_90, later_amount, orders_365,
    hour, weekday, store_id, category_id,
    visits_30, visits_90, check_ins_30, check_ins_90, reviews_30, reviews_90, shares_30, shares_90,
    attended_30, attended_90, interactions_30, interactions_90, events_30, events_90,
    last_interaction_on, NULLIF(%(version)s, 0), spending / 10, interaction / 10, behaviour / 10,
    score, band, quadrant, score, %(before)s
FROM judged
WHERE 1 = 1
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
    health_version_id = excluded.health_version_id,
-- include parts/marks
;
