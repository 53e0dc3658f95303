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
