-- Each move and each retention with its figures, then everyone's standing. Of a night that is run
-- late or again a change is never before the one by which the member stands.
INSERT INTO loyalty_tierchange (
    member_id, from_tier_id, to_tier_id, cause, at, business_date, valid_until, window_from,
    spend, orders, growth, active_days, version_id
)
SELECT
    v.member_id, before.id, t.id, v.cause,
    CASE
        WHEN v.term_from > %(cutoff)s AND v.term_from > v.since THEN v.term_from
        WHEN v.since > %(cutoff)s THEN v.since
        ELSE %(cutoff)s
    END,
    %(business_date)s, CASE WHEN t.rank > 0 THEN v.valid_until END,
    CASE WHEN v.window_from > %(ever)s THEN v.window_from END,
    v.spend, v.orders, v.growth, v.active_days, %(version)s
FROM loyalty_review v
JOIN loyalty_tier t ON t.rank = v.to_rank
LEFT JOIN loyalty_tier before ON before.rank = v.from_rank
WHERE v.cause IS NOT NULL;

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
        WHEN v.to_rank > 0 THEN v.valid_until
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
