-- The highest tier whose entry bounds hold, and the highest, up to the present one, whose
-- retention bounds hold (an empty retention bound is the entry bound).
UPDATE loyalty_review
SET
    entry_rank = (
        SELECT MAX(t.rank)
        FROM loyalty_rung t
        WHERE t.rank = 0
            OR (
                t."join" = 'all'
                AND (t.entry_spend IS NULL OR loyalty_review.spend >= t.entry_spend)
                AND (t.entry_orders IS NULL OR loyalty_review.orders >= t.entry_orders)
                AND (t.entry_growth IS NULL OR loyalty_review.growth >= t.entry_growth)
                AND (
                    t.entry_active_days IS NULL
                    OR loyalty_review.active_days >= t.entry_active_days
                )
            )
            OR (
                t."join" = 'any'
                AND (
                    loyalty_review.spend >= t.entry_spend
                    OR loyalty_review.orders >= t.entry_orders
                    OR loyalty_review.growth >= t.entry_growth
                    OR loyalty_review.active_days >= t.entry_active_days
                )
            )
    ),
    kept_rank = CASE
        WHEN from_rank > 0 THEN (
            SELECT MAX(k.rank)
            FROM (
                SELECT
                    t.rank, t."join",
                    COALESCE(t.retention_spend, t.entry_spend) AS spend,
                    COALESCE(t.retention_orders, t.entry_orders) AS orders,
                    COALESCE(t.retention_growth, t.entry_growth) AS growth,
                    COALESCE(t.retention_active_days, t.entry_active_days) AS active_days
                FROM loyalty_rung t
            ) k
            WHERE k.rank = 0
                OR (
                    k.rank <= loyalty_review.from_rank
                    AND (
                        (
                            k."join" = 'all'
                            AND (k.spend IS NULL OR loyalty_review.spend >= k.spend)
                            AND (k.orders IS NULL OR loyalty_review.orders >= k.orders)
                            AND (k.growth IS NULL OR loyalty_review.growth >= k.growth)
                            AND (
                                k.active_days IS NULL
                                OR loyalty_review.active_days >= k.active_days
                            )
                        )
                        OR (
                            k."join" = 'any'
                            AND (
                                loyalty_review.spend >= k.spend
                                OR loyalty_review.orders >= k.orders
                                OR loyalty_review.growth >= k.growth
                                OR loyalty_review.active_days >= k.active_days
                            )
                        )
                    )
                )
        )
        ELSE 0
    END;
