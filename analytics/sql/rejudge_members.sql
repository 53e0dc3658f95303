-- Members as the last night measured them, judged by other rules; what was compared is forgotten.
WITH told AS (
    SELECT
        member_id, last_purchase_on AS last_on, orders_365, money_365, money_90,
        interactions_30, interactions_90, events_30, events_90,
-- include parts/gone_of_metrics
    FROM analytics_membermetrics
    WHERE member_id >= %(first)s AND member_id <= %(last)s
),
-- include parts/health
UPDATE analytics_membermetrics
SET
    health_version_id = NULLIF(%(version)s, 0),
    spending_score = judged.spending / 10,
    interaction_score = judged.interaction / 10,
    behaviour_score = judged.behaviour / 10,
    health_score = judged.score,
    band = judged.band,
    quadrant = judged.quadrant,
    mark_score = judged.score,
    mark_on = analytics_membermetrics.business_date,
    past_score = NULL,
    past_on = NULL
FROM judged
WHERE judged.member_id = analytics_membermetrics.member_id
    AND COALESCE(analytics_membermetrics.health_version_id, 0) <> %(version)s;
