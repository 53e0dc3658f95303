-- Who would not be kept is told: to which tier, when, and what is missing to stay.
INSERT INTO members_notice (member_id, kind, key, params, business_date, created_at)
SELECT
    v.member_id, 'tier_going_down', v.key,
    json_object(
        'tier_en', t.name_en, 'tier_zh', t.name_zh, 'to_en', lower.name_en, 'to_zh', lower.name_zh,
        'last_day', v.last_day, 'down_on', v.down_on, 'days', v.days, 'join', t."join",
        'spend', CASE
            WHEN COALESCE(t.retention_spend, t.entry_spend) > v.spend
            THEN COALESCE(t.retention_spend, t.entry_spend) - v.spend
        END,
        'orders', CASE
            WHEN COALESCE(t.retention_orders, t.entry_orders) > v.orders
            THEN COALESCE(t.retention_orders, t.entry_orders) - v.orders
        END,
        'growth', CASE
            WHEN COALESCE(t.retention_growth, t.entry_growth) > v.growth
            THEN COALESCE(t.retention_growth, t.entry_growth) - v.growth
        END,
        'active_days', CASE
            WHEN COALESCE(t.retention_active_days, t.entry_active_days) > v.active_days
            THEN COALESCE(t.retention_active_days, t.entry_active_days) - v.active_days
        END
    ),
    %(business_date)s, %(now)s
FROM loyalty_review v
JOIN loyalty_tier t ON t.rank = v.from_rank
JOIN loyalty_tier lower ON lower.rank = CASE
    WHEN %(downgrade)s = 'matching' THEN v.kept_rank
    ELSE (SELECT MAX(below.rank) FROM loyalty_tier below WHERE below.rank < v.from_rank)
END
WHERE v.kept_rank < v.from_rank AND v.entry_rank <= v.from_rank
ON CONFLICT (member_id, key) DO NOTHING;
