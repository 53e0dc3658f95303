-- One notice per member, last valid day and period; who has had it gets no other.
INSERT INTO members_notice (member_id, kind, key, params, business_date, created_at)
SELECT
    c.member_id, 'coupons_expiring', 'coupons_expiring:' || %(last_day)s || ':' || %(days)s,
    json_object(
        'coupons', COUNT(*), 'last_day', CAST(%(last_day)s AS VARCHAR(10)), 'days', CAST(%(days)s AS INTEGER),
        'name_en', MIN(c.name_en), 'name_zh', MIN(c.name_zh)
    ),
    %(business_date)s, %(now)s
FROM benefits_coupon c
WHERE c.member_id >= %(first)s AND c.member_id <= %(last)s
    AND c.status = 'issued' AND c.expires_at > %(after)s AND c.expires_at <= %(until)s
GROUP BY c.member_id
ON CONFLICT (member_id, key) DO NOTHING;
