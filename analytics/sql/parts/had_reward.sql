-- Members who redeemed the reward %(benefit)s, on which day first, and how many points that took.
had AS (
    SELECT
        o.member_id, MIN(e.business_date) AS first_on, CAST(SUM(o.points) AS BIGINT) AS cost
    FROM benefits_rewardorder o
    JOIN loyalty_pointsentry e ON e.id = o.entry_id
    WHERE o.reward_id = %(benefit)s AND o.restored_by_id IS NULL
    GROUP BY o.member_id
)
