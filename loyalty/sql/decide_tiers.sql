-- What follows: an entry, an upgrade at any time, a retention or, after the grace, a way down at the
-- end of the validity (or, as found before, at once because of a refund).
UPDATE loyalty_review
SET
    cause = CASE
        WHEN standing_id IS NULL THEN 'entry'
        WHEN entry_rank > from_rank THEN 'upgrade'
        WHEN kept_rank = from_rank OR %(downgrade)s = 'none' THEN 'retained'
        WHEN term_until <= %(grace_cutoff)s
            AND (no_step_before IS NULL OR no_step_before <= %(cutoff)s)
        THEN 'untold'
    END,
    to_rank = CASE
        WHEN standing_id IS NULL OR entry_rank > from_rank THEN entry_rank
        WHEN kept_rank = from_rank OR %(downgrade)s = 'none' THEN from_rank
    END,
    valid_until = %(valid_until)s
WHERE cause IS NULL
    AND (standing_id IS NULL OR entry_rank > from_rank OR term_until <= %(cutoff)s);
