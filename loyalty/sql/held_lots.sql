-- How many due lots of the listed accounts stay because no evidence lets them expire.
SELECT COUNT(*)
FROM loyalty_expiring x
JOIN loyalty_pointslot l
    ON l.account_id = x.account_id AND l.remaining > 0 AND l.expires_at <= %(cutoff)s;
