-- The business dates before %(before)s that have no figures yet, or were told before something of
-- them was recorded.
SELECT DISTINCT facts.business_date
FROM (
    SELECT business_date, MAX(recorded_at) AS recorded_at FROM loyalty_purchase
    GROUP BY business_date
    UNION ALL
    SELECT business_date, MAX(recorded_at) FROM loyalty_refund GROUP BY business_date
    UNION ALL
    SELECT p.business_date, MAX(r.recorded_at)
    FROM loyalty_refund r
    JOIN loyalty_purchase p ON p.id = r.purchase_id
    GROUP BY p.business_date
    UNION ALL
    SELECT business_date, MAX(recorded_at) FROM loyalty_pointsentry GROUP BY business_date
    UNION ALL
    SELECT business_date, MAX(recorded_at) FROM loyalty_activity GROUP BY business_date
    UNION ALL
    SELECT business_date, MAX(at) FROM members_portalday GROUP BY business_date
) facts
LEFT JOIN analytics_dailyfigure told ON told.business_date = facts.business_date
WHERE facts.business_date < %(before)s
    AND (told.business_date IS NULL OR facts.recorded_at >= told.facts_until)
ORDER BY facts.business_date;
