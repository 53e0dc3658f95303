-- Where each stands now, and where the figures of this night begin for them.
UPDATE loyalty_review
SET
    standing_id = p.standing_id,
    from_rank = p.rank,
    term_from = p.term_from,
    window_from = CASE
        WHEN %(since_tier)s = 1 THEN COALESCE(p.term_from, %(ever)s)
        ELSE %(window_from)s
    END
FROM (
    SELECT
        v.member_id, s.id AS standing_id, t.rank, COALESCE(s.counts_from, s.since) AS term_from
    FROM loyalty_review v
    LEFT JOIN loyalty_standing s
        ON s.member_id = v.member_id
        AND s.member_id >= %(first)s AND s.member_id <= %(last)s
    LEFT JOIN loyalty_tier t ON t.id = s.tier_id
) p
WHERE p.member_id = loyalty_review.member_id;
