-- Book every move, with the figures of this instant, and give each its new place.
INSERT INTO loyalty_tierchange (
    member_id, from_tier_id, to_tier_id, cause, at, business_date, valid_until, window_from,
    spend, orders, growth, active_days, version_id
)
SELECT
    v.member_id, s.tier_id, t.id, 'programme_changed',
    CASE WHEN s.since > %(now)s THEN s.since ELSE %(now)s END,
    %(business_date)s, v.valid_until,
    CASE WHEN v.window_from > %(ever)s THEN v.window_from END,
    v.spend, v.orders, v.growth, v.active_days, %(version)s
FROM loyalty_review v
JOIN loyalty_standing s ON s.member_id = v.member_id
JOIN loyalty_tier t ON t.rank = v.to_rank
WHERE v.cause IS NOT NULL
ORDER BY v.member_id;

UPDATE loyalty_standing
SET
    tier_id = t.id,
    since = CASE WHEN loyalty_standing.since > %(now)s THEN loyalty_standing.since ELSE %(now)s END,
    counts_from = %(cutoff)s,
    valid_until = v.valid_until
FROM loyalty_review v
JOIN loyalty_tier t ON t.rank = v.to_rank
WHERE loyalty_standing.member_id = v.member_id AND v.cause IS NOT NULL;
