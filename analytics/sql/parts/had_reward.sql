-- Members' redemptions of the reward %(benefit)s: on which days, and how many points each took.
taken AS (
    SELECT o.member_id, e.business_date AS taken_on, o.points AS cost
    FROM benefits_rewardorder o
    JOIN loyalty_pointsentry e ON e.id = o.entry_id
    WHERE o.reward_id = %(benefit)s AND o.restored_by_id IS NULL
)
