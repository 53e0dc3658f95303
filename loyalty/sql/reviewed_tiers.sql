-- What this range's review came to.
SELECT COALESCE(v.cause, 'unchanged'), COUNT(*)
FROM loyalty_review v
GROUP BY COALESCE(v.cause, 'unchanged');
