    -- Scores by another version are not compared. A night that is run again takes its own mark
    -- again and moves none.
    mark_score = CASE
        WHEN COALESCE(analytics_membermetrics.health_version_id, 0) <> %(version)s
            OR analytics_membermetrics.mark_on <= %(mark_before)s
            OR analytics_membermetrics.mark_on >= %(before)s
        THEN excluded.health_score
        ELSE analytics_membermetrics.mark_score
    END,
    mark_on = CASE
        WHEN COALESCE(analytics_membermetrics.health_version_id, 0) <> %(version)s
            OR analytics_membermetrics.mark_on <= %(mark_before)s
            OR analytics_membermetrics.mark_on >= %(before)s
        THEN excluded.business_date
        ELSE analytics_membermetrics.mark_on
    END,
    past_score = CASE
        WHEN COALESCE(analytics_membermetrics.health_version_id, 0) <> %(version)s THEN NULL
        WHEN analytics_membermetrics.mark_on <= %(mark_before)s
        THEN analytics_membermetrics.mark_score
        ELSE analytics_membermetrics.past_score
    END,
    past_on = CASE
        WHEN COALESCE(analytics_membermetrics.health_version_id, 0) <> %(version)s THEN NULL
        WHEN analytics_membermetrics.mark_on <= %(mark_before)s
        THEN analytics_membermetrics.mark_on
        ELSE analytics_membermetrics.past_on
    END
