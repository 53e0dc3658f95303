-- Members with their quadrant: by net money of 90 days, and by the days, of the 30 before the night,
-- on which they did something besides buying or were in the portal.
interacted AS (
    SELECT member_id, COUNT(*) AS days
    FROM (
        SELECT member_id, business_date FROM loyalty_activity
        WHERE business_date >= %(since_30)s AND business_date < %(before)s
        UNION
        SELECT member_id, business_date FROM members_portalday
        WHERE business_date >= %(since_30)s AND business_date < %(before)s
    ) day
    GROUP BY member_id
),
quadrants AS (
    SELECT
        m.member_id, m.money_90, COALESCE(interacted.days, 0) AS days,
        CASE
            WHEN interacted.days > 0 AND m.money_90 > 0 THEN 'active'
            WHEN interacted.days > 0 THEN 'low_active'
            WHEN m.money_90 > 0 THEN 'churn_risk'
            ELSE 'silent'
        END AS quadrant
    FROM analytics_membermetrics m
    LEFT JOIN interacted ON interacted.member_id = m.member_id
)
