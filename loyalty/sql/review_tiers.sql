-- 1. What follows: an entry, an upgrade at any time, a retention or, after the grace, a way down
--    at the end of the validity (or, as found before, at once because of a refund).
UPDATE loyalty_review
SET cause = 'entry', to_rank = entry_rank
WHERE standing_id IS NULL;

UPDATE loyalty_review
SET cause = 'upgrade', to_rank = entry_rank
WHERE standing_id IS NOT NULL AND entry_rank > from_rank;

UPDATE loyalty_review
SET cause = 'retained', to_rank = from_rank
WHERE cause IS NULL
    AND (kept_rank = from_rank OR %(downgrade)s = 'none')
    AND standing_id IN (
        SELECT s.id
        FROM loyalty_standing s
        WHERE s.valid_until <= %(cutoff)s
            AND s.member_id >= %(first)s AND s.member_id <= %(last)s
    );

UPDATE loyalty_review
SET cause = 'untold'
WHERE cause IS NULL
    AND standing_id IN (
        SELECT s.id
        FROM loyalty_standing s
        WHERE s.valid_until <= %(grace_cutoff)s
            AND s.member_id >= %(first)s AND s.member_id <= %(last)s
            AND (s.no_step_before IS NULL OR s.no_step_before <= %(cutoff)s)
    );

-- 2. Nobody comes down untold: by a notice of an earlier night, or a waiver where there could be
--    none (on the first night that tells, and for a tier that was not held yet last night).
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
SET cause = 'downgrade'
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

UPDATE loyalty_review
SET to_rank = CASE
    WHEN %(downgrade)s = 'matching' THEN kept_rank
    ELSE (SELECT MAX(t.rank) FROM loyalty_tier t WHERE t.rank < loyalty_review.from_rank)
END
WHERE cause IN ('downgrade', 'refunded');

UPDATE loyalty_review
SET valid_until = %(valid_until)s
WHERE to_rank > 0;

-- 3. Book it. A standing that appeared meanwhile (a first purchase) is left as it is.
INSERT INTO loyalty_standing (
    member_id, tier_id, since, valid_until, reviewed_at, has_late_fact, counts_from, window_from,
    version_id
)
SELECT
    v.member_id, t.id, %(cutoff)s, v.valid_until, %(cutoff)s, FALSE,
    CASE WHEN t.rank = 0 THEN %(ever)s ELSE %(cutoff)s END,
    CASE WHEN v.window_from > %(ever)s THEN v.window_from END,
    %(version)s
FROM loyalty_review v
JOIN loyalty_tier t ON t.rank = v.to_rank
WHERE v.cause = 'entry'
ON CONFLICT (member_id) DO NOTHING;

INSERT INTO loyalty_tierchange (
    member_id, from_tier_id, to_tier_id, cause, at, business_date, valid_until, window_from,
    spend, orders, growth, active_days, version_id
)
SELECT
    v.member_id, before.id, t.id, v.cause,
    CASE WHEN s.since > %(cutoff)s THEN s.since ELSE %(cutoff)s END,
    %(business_date)s, v.valid_until,
    CASE WHEN v.window_from > %(ever)s THEN v.window_from END,
    v.spend, v.orders, v.growth, v.active_days, %(version)s
FROM loyalty_review v
JOIN loyalty_tier t ON t.rank = v.to_rank
JOIN loyalty_standing s
    ON s.member_id = v.member_id AND s.member_id >= %(first)s AND s.member_id <= %(last)s
LEFT JOIN loyalty_tier before ON before.rank = v.from_rank
WHERE v.cause <> 'entry'
    OR (
        v.cause = 'entry'
        AND v.member_id NOT IN (
            SELECT c.member_id
            FROM loyalty_tierchange c
            WHERE c.member_id >= %(first)s AND c.member_id <= %(last)s
        )
    );

UPDATE loyalty_standing
SET
    tier_id = COALESCE(v.tier_id, loyalty_standing.tier_id),
    since = CASE
        WHEN v.to_rank IS NULL OR v.cause = 'retained' OR loyalty_standing.since > %(cutoff)s
        THEN loyalty_standing.since
        ELSE %(cutoff)s
    END,
    counts_from = CASE
        WHEN v.to_rank IS NULL
            OR COALESCE(loyalty_standing.counts_from, loyalty_standing.since) > %(cutoff)s
        THEN loyalty_standing.counts_from
        ELSE %(cutoff)s
    END,
    no_step_before = CASE
        WHEN v.cause IN ('downgrade', 'refunded') THEN %(no_step_before)s
        ELSE loyalty_standing.no_step_before
    END,
    valid_until = CASE
        WHEN v.to_rank IS NULL THEN loyalty_standing.valid_until
        ELSE v.valid_until
    END,
    reviewed_at = %(cutoff)s,
    has_late_fact = FALSE,
    window_from = CASE WHEN v.window_from > %(ever)s THEN v.window_from END,
    version_id = %(version)s
FROM (
    SELECT r.standing_id, r.to_rank, r.cause, r.valid_until, r.window_from, t.id AS tier_id
    FROM loyalty_review r
    LEFT JOIN loyalty_tier t ON t.rank = r.to_rank
    WHERE r.standing_id IS NOT NULL
) v
WHERE loyalty_standing.id = v.standing_id
    AND loyalty_standing.member_id >= %(first)s AND loyalty_standing.member_id <= %(last)s;
