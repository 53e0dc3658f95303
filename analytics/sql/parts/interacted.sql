-- On how many days from %(since_30)s on, before %(before)s, members did something besides buying or
-- were in the portal.
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
)
