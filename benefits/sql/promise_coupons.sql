-- Count one more coupon of a template for each of these members, and give each a place on the list.
INSERT INTO benefits_couponcounter (template_id, member_id, issued)
SELECT %(template)s, r.value, 1
FROM json_each(%(ids)s) r
WHERE true
ON CONFLICT (template_id, member_id) DO UPDATE SET issued = benefits_couponcounter.issued + 1;
INSERT INTO benefits_couponrecipient (batch_id, number, member_id)
SELECT %(batch)s, %(after)s + ROW_NUMBER() OVER (ORDER BY r.value), r.value
FROM json_each(%(ids)s) r;
