SELECT COUNT(DISTINCT member_id)
FROM loyalty_purchase
WHERE at >= %(since)s AND at < %(until)s
    AND business_date >= %(since_on)s AND business_date < %(before)s
    AND member_id IS NOT NULL;
