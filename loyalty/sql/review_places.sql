-- Where each stands now, and where the figures of this night begin for them.
UPDATE loyalty_review
SET
    standing_id = s.id,
    from_rank = t.rank,
    term_from = COALESCE(s.counts_from, s.since)
FROM loyalty_standing s
JOIN loyalty_tier t ON t.id = s.tier_id
WHERE s.member_id = loyalty_review.member_id;

UPDATE loyalty_review
SET window_from = CASE
    WHEN %(since_tier)s = 1 THEN COALESCE(term_from, %(ever)s)
    ELSE %(window_from)s
END;
