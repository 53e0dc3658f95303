-- Of all days, not of some: when a member joined may be told long after, and leaves no other trace.
UPDATE analytics_dailyfigure
SET joined = found.joined
FROM (
    SELECT days.business_date, COUNT(m.id) AS joined
    FROM analytics_dailyfigure days
    LEFT JOIN members_member m ON m.joined_on = days.business_date
    GROUP BY days.business_date
) found
WHERE found.business_date = analytics_dailyfigure.business_date
    AND found.joined <> analytics_dailyfigure.joined;
