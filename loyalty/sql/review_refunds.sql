-- Under the policy that looks again after a refund: of members with a refund, or growth points
-- that one took back, since their last review, what refunds have taken since the tier was won or
-- last kept. Who would hold the tier without that has lost it by refunds, and comes down tonight.
UPDATE loyalty_review
SET
    refunded_spend = (
        SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT)
        FROM loyalty_refund r
        WHERE r.member_id = loyalty_review.member_id
            AND r.at >= loyalty_review.window_from AND r.at >= loyalty_review.term_from
            AND r.at < %(cutoff)s
    ),
    refunded_growth = (
        SELECT CAST(COALESCE(-SUM(e.points), 0) AS BIGINT)
        FROM loyalty_pointsaccount a
        JOIN loyalty_pointsentry e ON e.account_id = a.id AND e.kind = 'clawback'
        WHERE a.member_id = loyalty_review.member_id AND a.point_type_id = %(growth)s
            AND e.at >= loyalty_review.window_from AND e.at >= loyalty_review.term_from
            AND e.at < %(cutoff)s
    )
WHERE from_rank > 0
    AND kept_rank < from_rank
    AND entry_rank <= from_rank
    AND (
        EXISTS (
            SELECT 1
            FROM loyalty_standing s
            JOIN loyalty_refund r ON r.member_id = s.member_id
            WHERE s.id = loyalty_review.standing_id
                AND r.at < %(cutoff)s
                AND (
                    r.at >= s.reviewed_at
                    OR (s.has_late_fact AND r.at >= loyalty_review.term_from)
                )
        )
        OR EXISTS (
            SELECT 1
            FROM loyalty_standing s
            JOIN loyalty_pointsaccount a
                ON a.member_id = s.member_id AND a.point_type_id = %(growth)s
            JOIN loyalty_pointsentry e ON e.account_id = a.id AND e.kind = 'clawback'
            WHERE s.id = loyalty_review.standing_id
                AND e.at >= s.reviewed_at AND e.at < %(cutoff)s
        )
    );

UPDATE loyalty_review
SET
    cause = 'refunded',
    to_rank = CASE
        WHEN %(downgrade)s = 'matching' THEN kept_rank
        ELSE (SELECT MAX(t.rank) FROM loyalty_tier t WHERE t.rank < loyalty_review.from_rank)
    END,
    valid_until = %(valid_until)s
WHERE cause IS NULL
    AND refunded_spend IS NOT NULL
    AND EXISTS (
        SELECT 1
        FROM (
            SELECT
                t.rank, t."join",
                COALESCE(t.retention_spend, t.entry_spend) AS spend,
                COALESCE(t.retention_orders, t.entry_orders) AS orders,
                COALESCE(t.retention_growth, t.entry_growth) AS growth,
                COALESCE(t.retention_active_days, t.entry_active_days) AS active_days
            FROM loyalty_tier t
        ) k
        WHERE k.rank = loyalty_review.from_rank
            AND (
                (
                    k."join" = 'all'
                    AND (
                        k.spend IS NULL
                        OR loyalty_review.spend + loyalty_review.refunded_spend >= k.spend
                    )
                    AND (k.orders IS NULL OR loyalty_review.orders >= k.orders)
                    AND (
                        k.growth IS NULL
                        OR loyalty_review.growth + loyalty_review.refunded_growth >= k.growth
                    )
                    AND (
                        k.active_days IS NULL
                        OR loyalty_review.active_days >= k.active_days
                    )
                )
                OR (
                    k."join" = 'any'
                    AND (
                        loyalty_review.spend + loyalty_review.refunded_spend >= k.spend
                        OR loyalty_review.orders >= k.orders
                        OR loyalty_review.growth + loyalty_review.refunded_growth >= k.growth
                        OR loyalty_review.active_days >= k.active_days
                    )
                )
            )
    )
    AND standing_id IN (
        SELECT s.id
        FROM loyalty_standing s
        WHERE s.no_step_before IS NULL OR s.no_step_before <= %(cutoff)s
    );

INSERT INTO loyalty_downgradeevidence (
    member_id, tier_id, valid_until, business_date, waiver, recorded_at
)
SELECT s.member_id, s.tier_id, s.valid_until, %(business_date)s, 'refund', %(now)s
FROM loyalty_review v
JOIN loyalty_standing s ON s.id = v.standing_id
WHERE v.cause = 'refunded'
ON CONFLICT (member_id, tier_id, valid_until, business_date) DO NOTHING;
