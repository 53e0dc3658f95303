-- One notice per member, kind of points, date and period; who has had it gets no other.
-- (The databases build JSON by functions of different names.)
INSERT INTO members_notice (member_id, kind, key, params, business_date, created_at)
SELECT
    t.member_id, 'points_expiring', t.key,
    jsonb_build_object(
        'points', SUM(t.points), 'last_day', t.last_day, 'days', t.days,
        'code', p.code, 'name_en', p.name_en, 'name_zh', p.name_zh
    ),
    %(business_date)s, %(now)s
FROM loyalty_telling t
JOIN loyalty_pointtype p ON p.id = t.point_type_id
WHERE t.points > 0
GROUP BY t.member_id, t.key, t.last_day, t.days, p.code, p.name_en, p.name_zh
ON CONFLICT (member_id, key) DO NOTHING;
