-- Who got one of these coupons is told, as a single issue does.
-- (The databases read and build JSON by functions of different names.)
INSERT INTO members_notice (member_id, kind, key, params, business_date, created_at)
SELECT
    c.member_id, 'coupon_issued', 'coupon:' || c.id,
    jsonb_build_object(
        'name_en', c.name_en, 'name_zh', c.name_zh, 'last_day', CAST(%(last_day)s AS text)
    ),
    CAST(%(business_date)s AS date), CAST(%(issued_at)s AS timestamptz)
FROM jsonb_array_elements(CAST(%(rows)s AS jsonb)) r (value)
JOIN benefits_coupon c ON c.code = r.value ->> 0
WHERE c.member_id IS NOT NULL
ON CONFLICT (member_id, key) DO NOTHING;
