-- Up at once to what the figures earn; down only where present tiers are not kept.
UPDATE loyalty_review
SET
    to_rank = CASE
        WHEN entry_rank > from_rank THEN entry_rank
        WHEN %(at_once)s = 1 THEN kept_rank
        ELSE from_rank
    END;

UPDATE loyalty_review
SET
    cause = CASE WHEN to_rank > from_rank THEN 'up' ELSE 'down' END,
    valid_until = CASE WHEN to_rank > 0 THEN %(valid_until)s END
WHERE to_rank <> from_rank;

-- Whose rung is gone moves in any case: to the next one below it, for the rest of the term.
UPDATE loyalty_review
SET
    cause = 'down',
    valid_until = CASE WHEN to_rank > 0 THEN s.valid_until END
FROM loyalty_standing s
JOIN loyalty_held h ON h.tier_id = s.tier_id AND h.is_gone = 1
WHERE s.member_id = loyalty_review.member_id AND loyalty_review.cause IS NULL;
