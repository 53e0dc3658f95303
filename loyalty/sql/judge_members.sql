-- The members listed: where each stands now, what the figures of this night's window come to and
-- which ranks they earn and keep.
INSERT INTO loyalty_review (
    member_id, standing_id, from_rank, since, term_from, term_until, no_step_before, window_from,
    spend, orders, growth, active_days, entry_rank, kept_rank
)
WITH place AS (
    SELECT
        l.member_id, s.id AS standing_id, t.rank AS from_rank, s.since,
        COALESCE(s.counts_from, s.since) AS term_from, s.valid_until, s.no_step_before,
        CASE
            WHEN %(since_tier)s = 1 THEN COALESCE(s.counts_from, s.since, %(ever)s)
            ELSE %(window_from)s
        END AS window_from
    FROM loyalty_listed l
    LEFT JOIN loyalty_standing s
        ON s.member_id = l.member_id
        AND s.member_id >= %(first)s AND s.member_id <= %(last)s
    LEFT JOIN loyalty_tier t ON t.id = s.tier_id
)
-- include parts/judged
