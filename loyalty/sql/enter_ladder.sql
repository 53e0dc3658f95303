-- A first standing. One that appeared meanwhile (a first purchase) is left as it is, and its member
-- enters no more: that is asked here, where it is few, not of everyone who moves.
INSERT INTO loyalty_standing (
    member_id, tier_id, since, valid_until, reviewed_at, has_late_fact, counts_from, window_from,
    version_id
)
SELECT
    v.member_id, t.id, %(cutoff)s, CASE WHEN t.rank > 0 THEN v.valid_until END, %(cutoff)s, FALSE,
    CASE WHEN t.rank = 0 THEN %(ever)s ELSE %(cutoff)s END,
    CASE WHEN v.window_from > %(ever)s THEN v.window_from END,
    %(version)s
FROM loyalty_review v
JOIN loyalty_tier t ON t.rank = v.to_rank
WHERE v.cause = 'entry'
ON CONFLICT (member_id) DO NOTHING;

UPDATE loyalty_review
SET cause = NULL
WHERE cause = 'entry'
    AND EXISTS (
        SELECT 1 FROM loyalty_tierchange c WHERE c.member_id = loyalty_review.member_id
    );
