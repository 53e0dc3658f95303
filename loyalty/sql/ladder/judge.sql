-- The members listed: as what their present tiers count under the draft, what the figures of its
-- window come to and which of its ranks they earn and keep.
INSERT INTO loyalty_review (
    member_id, standing_id, from_rank, window_from,
    spend, orders, growth, active_days, entry_rank, kept_rank
)
WITH place AS (
    SELECT
        l.member_id, s.id AS standing_id, COALESCE(h.rank, t.rank) AS from_rank,
        CASE
            WHEN %(since_tier)s = 1 THEN COALESCE(s.counts_from, s.since)
            ELSE %(window_from)s
        END AS window_from
    FROM loyalty_listed l
    JOIN loyalty_standing s
        ON s.member_id = l.member_id
        AND s.member_id >= %(first)s AND s.member_id <= %(last)s
    JOIN loyalty_tier t ON t.id = s.tier_id
    LEFT JOIN loyalty_held h ON h.tier_id = s.tier_id
)
-- include parts/judged
