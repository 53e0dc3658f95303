-- Nobody comes down untold: by a notice of an earlier night, or a waiver where there could be none
-- (on the first night that tells, and for a tier that was not held yet last night).
INSERT INTO loyalty_downgradeevidence (
    member_id, tier_id, valid_until, business_date, waiver, recorded_at
)
SELECT
    s.member_id, s.tier_id, s.valid_until, %(business_date)s,
    CASE WHEN v.term_from > %(last_told_at)s THEN 'short' ELSE 'first_night' END,
    %(now)s
FROM loyalty_review v
JOIN loyalty_standing s ON s.id = v.standing_id
WHERE v.cause = 'untold'
    AND (%(waives_first)s = 1 OR v.term_from > %(last_told_at)s)
    AND NOT EXISTS (
        SELECT 1
        FROM loyalty_downgradeevidence e
        WHERE e.member_id = s.member_id AND e.tier_id = s.tier_id
            AND e.valid_until = s.valid_until
    )
ON CONFLICT (member_id, tier_id, valid_until, business_date) DO NOTHING;

UPDATE loyalty_review
SET
    cause = 'downgrade',
    to_rank = CASE
        WHEN %(downgrade)s = 'matching' THEN kept_rank
        ELSE (SELECT MAX(t.rank) FROM loyalty_tier t WHERE t.rank < loyalty_review.from_rank)
    END,
    valid_until = %(valid_until)s
WHERE cause = 'untold'
    AND standing_id IN (
        SELECT s.id
        FROM loyalty_standing s
        JOIN loyalty_downgradeevidence e
            ON e.member_id = s.member_id AND e.tier_id = s.tier_id
            AND e.valid_until = s.valid_until
        WHERE (e.waiver <> '' OR e.business_date < %(business_date)s)
            AND s.member_id >= %(first)s AND s.member_id <= %(last)s
    );
