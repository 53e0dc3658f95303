-- The day of the first fact before %(before)s.
SELECT MIN(day)
FROM (
    SELECT MIN(business_date) AS day FROM loyalty_purchase WHERE business_date < %(before)s
    UNION ALL
    SELECT MIN(business_date) FROM loyalty_refund WHERE business_date < %(before)s
    UNION ALL
    SELECT MIN(business_date) FROM loyalty_pointsentry WHERE business_date < %(before)s
    UNION ALL
    SELECT MIN(joined_on) FROM members_member WHERE joined_on < %(before)s
) firsts;
