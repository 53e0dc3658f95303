-- From which band and quadrant to which other rules would move how many members.
WITH told AS (
    SELECT
        member_id, band AS old_band, quadrant AS old_quadrant, orders_365, money_365, money_90,
        interactions_30, interactions_90, events_30, events_90,
-- include parts/gone_of_metrics
    FROM analytics_membermetrics
    WHERE member_id >= %(first)s AND member_id <= %(last)s
),
-- include parts/health
SELECT old_band, band, old_quadrant, quadrant, COUNT(*)
FROM judged
GROUP BY old_band, band, old_quadrant, quadrant;
