-- Members of the range whose tier's validity ends on the days listed, with the figures of the
-- window as it will be then. Past the end only those whom nobody has told of it.
INSERT INTO loyalty_review (
    member_id, standing_id, from_rank, window_from, days, last_day, down_on, key,
    spend, orders, growth, active_days, entry_rank, kept_rank
)
WITH place AS (
    SELECT
        s.member_id, s.id AS standing_id, t.rank AS from_rank,
        CASE
            WHEN %(since_tier)s = 1 THEN COALESCE(s.counts_from, s.since)
            ELSE d.window_from
        END AS window_from,
        d.days, d.last_day, d.down_on,
        'tier_down:' || t.code || ':' || d.last_day || ':' || d.days AS key
    FROM loyalty_standing s
    JOIN loyalty_tier t ON t.id = s.tier_id AND t.rank > 0 AND t.rank < 10000
    JOIN members_member m ON m.id = s.member_id AND m.status <> 'closed'
    JOIN loyalty_telling_end d ON s.valid_until > d.after_at AND s.valid_until <= d.until_at
    WHERE s.member_id >= %(first)s AND s.member_id <= %(last)s
        AND s.valid_until <= %(latest)s
        AND (s.no_step_before IS NULL OR s.no_step_before <= d.down_at)
        AND (
            s.valid_until > %(cutoff)s
            OR NOT EXISTS (
                SELECT 1
                FROM loyalty_downgradeevidence e
                WHERE e.member_id = s.member_id AND e.tier_id = s.tier_id
                    AND e.valid_until = s.valid_until
            )
        )
)
-- include parts/judged
