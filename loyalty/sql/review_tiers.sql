-- 1. Figures of the window: spend net of refunds, each on its own date; purchases; growth points.
UPDATE loyalty_review
SET spend = f.spend, orders = f.orders, growth = f.growth
FROM (
    SELECT facts.member_id, SUM(facts.spend) AS spend, SUM(facts.orders) AS orders,
        SUM(facts.growth) AS growth
    FROM (
        SELECT p.member_id, p.amount AS spend, 1 AS orders, 0 AS growth
        FROM loyalty_purchase p
        WHERE p.member_id >= %(first)s AND p.member_id <= %(last)s
            AND p.at >= %(window_from)s AND p.at < %(cutoff)s
        UNION ALL
        SELECT r.member_id, -r.amount, 0, 0
        FROM loyalty_refund r
        WHERE r.member_id >= %(first)s AND r.member_id <= %(last)s
            AND r.at >= %(window_from)s AND r.at < %(cutoff)s
        UNION ALL
        SELECT a.member_id, 0, 0, e.points
        FROM loyalty_pointsaccount a
        JOIN loyalty_pointsentry e ON e.account_id = a.id
        WHERE a.member_id >= %(first)s AND a.member_id <= %(last)s
            AND a.point_type_id = %(growth)s
            AND e.at >= %(window_from)s AND e.at < %(cutoff)s
    ) facts
    GROUP BY facts.member_id
) f
WHERE loyalty_review.member_id = f.member_id;

-- 2. Where each stands now.
UPDATE loyalty_review
SET standing_id = s.id, from_rank = t.rank
FROM loyalty_standing s
JOIN loyalty_tier t ON t.id = s.tier_id
WHERE s.member_id = loyalty_review.member_id;

-- 3. The highest tier whose entry bounds hold, and the highest, up to the present one, whose
--    retention bounds hold (an empty retention bound is the entry bound).
UPDATE loyalty_review
SET
    entry_rank = (
        SELECT MAX(t.rank)
        FROM loyalty_tier t
        WHERE t.rank = 0
            OR (
                t."join" = 'all'
                AND (t.entry_spend IS NULL OR loyalty_review.spend >= t.entry_spend)
                AND (t.entry_orders IS NULL OR loyalty_review.orders >= t.entry_orders)
                AND (t.entry_growth IS NULL OR loyalty_review.growth >= t.entry_growth)
            )
            OR (
                t."join" = 'any'
                AND (
                    loyalty_review.spend >= t.entry_spend
                    OR loyalty_review.orders >= t.entry_orders
                    OR loyalty_review.growth >= t.entry_growth
                )
            )
    ),
    kept_rank = (
        SELECT MAX(t.rank)
        FROM loyalty_tier t
        WHERE t.rank = 0
            OR (
                t.rank <= loyalty_review.from_rank
                AND (
                    (
                        t."join" = 'all'
                        AND (
                            COALESCE(t.retention_spend, t.entry_spend) IS NULL
                            OR loyalty_review.spend >= COALESCE(t.retention_spend, t.entry_spend)
                        )
                        AND (
                            COALESCE(t.retention_orders, t.entry_orders) IS NULL
                            OR loyalty_review.orders >= COALESCE(t.retention_orders, t.entry_orders)
                        )
                        AND (
                            COALESCE(t.retention_growth, t.entry_growth) IS NULL
                            OR loyalty_review.growth >= COALESCE(t.retention_growth, t.entry_growth)
                        )
                    )
                    OR (
                        t."join" = 'any'
                        AND (
                            loyalty_review.spend >= COALESCE(t.retention_spend, t.entry_spend)
                            OR loyalty_review.orders
                                >= COALESCE(t.retention_orders, t.entry_orders)
                            OR loyalty_review.growth
                                >= COALESCE(t.retention_growth, t.entry_growth)
                        )
                    )
                )
            )
    );

-- 4. What follows: an entry, an upgrade at any time, a retention or, after the grace, a way down
--    at the end of the validity.
UPDATE loyalty_review
SET cause = 'entry', to_rank = entry_rank
WHERE standing_id IS NULL;

UPDATE loyalty_review
SET cause = 'upgrade', to_rank = entry_rank
WHERE standing_id IS NOT NULL AND entry_rank > from_rank;

UPDATE loyalty_review
SET cause = 'retained', to_rank = from_rank
WHERE cause IS NULL
    AND (kept_rank = from_rank OR %(downgrade)s = 'none')
    AND standing_id IN (SELECT s.id FROM loyalty_standing s WHERE s.valid_until <= %(cutoff)s);

UPDATE loyalty_review
SET
    cause = 'downgrade',
    to_rank = CASE
        WHEN %(downgrade)s = 'matching' THEN kept_rank
        ELSE (SELECT MAX(t.rank) FROM loyalty_tier t WHERE t.rank < loyalty_review.from_rank)
    END
WHERE cause IS NULL
    AND standing_id IN (
        SELECT s.id FROM loyalty_standing s WHERE s.valid_until <= %(grace_cutoff)s
    );

UPDATE loyalty_review
SET valid_until = %(valid_until)s
WHERE to_rank > 0;

-- 5. Book it. A standing that appeared meanwhile (a first purchase) is left as it is.
INSERT INTO loyalty_standing (
    member_id, tier_id, since, valid_until, reviewed_at, has_late_fact
)
SELECT
    v.member_id, t.id, %(cutoff)s, v.valid_until, %(cutoff)s, FALSE
FROM loyalty_review v
JOIN loyalty_tier t ON t.rank = v.to_rank
WHERE v.cause = 'entry'
ON CONFLICT (member_id) DO NOTHING;

INSERT INTO loyalty_tierchange (
    member_id, from_tier_id, to_tier_id, cause, at, business_date, valid_until, window_from,
    spend, orders, growth
)
SELECT
    v.member_id, before.id, t.id, v.cause,
    CASE WHEN s.since > %(cutoff)s THEN s.since ELSE %(cutoff)s END,
    %(business_date)s, v.valid_until, %(stated_window_from)s,
    v.spend, v.orders, v.growth
FROM loyalty_review v
JOIN loyalty_tier t ON t.rank = v.to_rank
JOIN loyalty_standing s ON s.member_id = v.member_id
LEFT JOIN loyalty_tier before ON before.rank = v.from_rank
WHERE v.cause <> 'entry'
    OR (
        v.cause = 'entry'
        AND NOT EXISTS (SELECT 1 FROM loyalty_tierchange c WHERE c.member_id = v.member_id)
    );

UPDATE loyalty_standing
SET
    tier_id = t.id,
    since = CASE
        WHEN v.cause = 'retained' OR loyalty_standing.since > %(cutoff)s
        THEN loyalty_standing.since
        ELSE %(cutoff)s
    END,
    valid_until = v.valid_until
FROM loyalty_review v
JOIN loyalty_tier t ON t.rank = v.to_rank
WHERE loyalty_standing.id = v.standing_id;

UPDATE loyalty_standing
SET reviewed_at = %(cutoff)s, has_late_fact = FALSE
WHERE id IN (SELECT v.standing_id FROM loyalty_review v WHERE v.standing_id IS NOT NULL);
