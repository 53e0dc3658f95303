-- What members did besides buying in the 365 days before %(before)s. A day in the portal is one
-- interaction; so is everything else that was done once. Portal events count apart.
-- What members did who were merged counts for the kept one.
seen AS (
    SELECT member_id, business_date, 'visit' AS kind, 1 AS times
    FROM members_portalday
    WHERE member_id >= %(first)s AND member_id <= %(last)s
        AND business_date >= %(since_365)s AND business_date < %(before)s
    UNION ALL
    SELECT member_id, business_date, kind, 1
    FROM loyalty_activity
    WHERE member_id >= %(first)s AND member_id <= %(last)s
        AND business_date >= %(since_365)s AND business_date < %(before)s
        AND kind <> 'birthday'
    UNION ALL
    SELECT member_id, business_date, 'event', events
    FROM analytics_behaviourday
    WHERE member_id >= %(first)s AND member_id <= %(last)s
        AND business_date >= %(since_365)s AND business_date < %(before)s
        AND events > 0
    UNION ALL
    SELECT m.kept_id, d.business_date, 'visit', 1
    FROM members_membermerge m
    JOIN members_portalday d ON d.member_id = m.merged_id
    WHERE m.undone_at IS NULL AND m.kept_id >= %(first)s AND m.kept_id <= %(last)s
        AND d.business_date >= %(since_365)s AND d.business_date < %(before)s
        -- A day is one interaction, by whichever login.
        AND NOT EXISTS (
            SELECT 1 FROM members_portalday o
            WHERE o.member_id = m.kept_id AND o.business_date = d.business_date
        )
    UNION ALL
    SELECT m.kept_id, a.business_date, a.kind, 1
    FROM members_membermerge m
    JOIN loyalty_activity a ON a.member_id = m.merged_id
    WHERE m.undone_at IS NULL AND m.kept_id >= %(first)s AND m.kept_id <= %(last)s
        AND a.business_date >= %(since_365)s AND a.business_date < %(before)s
        AND a.kind <> 'birthday'
    UNION ALL
    SELECT m.kept_id, b.business_date, 'event', b.events
    FROM members_membermerge m
    JOIN analytics_behaviourday b ON b.member_id = m.merged_id
    WHERE m.undone_at IS NULL AND m.kept_id >= %(first)s AND m.kept_id <= %(last)s
        AND b.business_date >= %(since_365)s AND b.business_date < %(before)s
        AND b.events > 0
),
recent AS (
    SELECT
        member_id, business_date, kind, times,
        CASE WHEN business_date >= %(since_90)s THEN times ELSE 0 END AS times_90,
        CASE WHEN business_date >= %(since_30)s THEN times ELSE 0 END AS times_30
    FROM seen
),
interactions AS (
    SELECT
        member_id,
        MAX(business_date) AS last_on,
        SUM(CASE WHEN kind = 'visit' THEN times_30 ELSE 0 END) AS visits_30,
        SUM(CASE WHEN kind = 'visit' THEN times_90 ELSE 0 END) AS visits_90,
        SUM(CASE WHEN kind = 'check_in' THEN times_30 ELSE 0 END) AS check_ins_30,
        SUM(CASE WHEN kind = 'check_in' THEN times_90 ELSE 0 END) AS check_ins_90,
        SUM(CASE WHEN kind = 'review' THEN times_30 ELSE 0 END) AS reviews_30,
        SUM(CASE WHEN kind = 'review' THEN times_90 ELSE 0 END) AS reviews_90,
        SUM(CASE WHEN kind = 'share' THEN times_30 ELSE 0 END) AS shares_30,
        SUM(CASE WHEN kind = 'share' THEN times_90 ELSE 0 END) AS shares_90,
        SUM(CASE WHEN kind = 'event_attended' THEN times_30 ELSE 0 END) AS attended_30,
        SUM(CASE WHEN kind = 'event_attended' THEN times_90 ELSE 0 END) AS attended_90,
        SUM(CASE WHEN kind <> 'event' THEN times_30 ELSE 0 END) AS interactions_30,
        SUM(CASE WHEN kind <> 'event' THEN times_90 ELSE 0 END) AS interactions_90,
        SUM(CASE WHEN kind = 'event' THEN times_30 ELSE 0 END) AS events_30,
        SUM(CASE WHEN kind = 'event' THEN times_90 ELSE 0 END) AS events_90
    FROM recent
    GROUP BY member_id
)
