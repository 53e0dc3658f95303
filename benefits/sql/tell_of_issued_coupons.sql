-- Who got one of these coupons is told, as a single issue does.
INSERT INTO members_notice (member_id, kind, key, params, business_date, created_at)
SELECT
    c.member_id, 'coupon_issued', 'coupon:' || c.id,
    json_object('name_en', c.name_en, 'name_zh', c.name_zh, 'last_day', %(last_day)s),
    %(business_date)s, %(issued_at)s
FROM json_each(%(rows)s) r
JOIN benefits_coupon c ON c.code = json_extract(r.value, '$[0]')
WHERE c.member_id IS NOT NULL
ON CONFLICT (member_id, key) DO NOTHING;
