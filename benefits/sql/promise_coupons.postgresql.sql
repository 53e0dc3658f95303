-- Count one more coupon of a template for each of these members, and give each a place on the list.
-- (The databases read JSON by functions of different names.)
INSERT INTO benefits_couponcounter (template_id, member_id, issued)
SELECT %(template)s, CAST(r.value AS bigint), 1
FROM jsonb_array_elements_text(CAST(%(ids)s AS jsonb)) r (value)
ORDER BY 2
ON CONFLICT (template_id, member_id) DO UPDATE SET issued = benefits_couponcounter.issued + 1;
INSERT INTO benefits_couponrecipient (batch_id, number, member_id)
SELECT
    %(batch)s, %(after)s + ROW_NUMBER() OVER (ORDER BY CAST(r.value AS bigint)),
    CAST(r.value AS bigint)
FROM jsonb_array_elements_text(CAST(%(ids)s AS jsonb)) r (value);
