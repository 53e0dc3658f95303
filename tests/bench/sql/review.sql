-- The floor of the night's tier review: one aggregate of the purchases in the window, one update of
-- the standings with a fact since their last review, and the changes of those that rose. First the
-- locks, in the order of all who write: a refund or a late purchase that is committed meanwhile
-- would else be in the figures of neither night.
WITH accounts AS MATERIALIZED (SELECT id FROM loyalty_pointsaccount ORDER BY id FOR UPDATE),
counted AS MATERIALIZED (SELECT COUNT(*) AS locked FROM accounts),
standings AS MATERIALIZED (
    SELECT s.id FROM counted JOIN loyalty_standing s ON counted.locked >= 0
    ORDER BY s.id
    FOR UPDATE OF s
)
SELECT COUNT(*) FROM standings;

WITH figures AS (
    SELECT p.member_id, SUM(p.amount) AS spend, COUNT(*) AS orders, MAX(p.at) AS last_at
    FROM loyalty_purchase p
    WHERE p.at >= %(window_from)s AND p.at < %(cutoff)s
    GROUP BY p.member_id
),
earned AS (
    SELECT
        s.id, s.member_id, s.tier_id AS from_tier_id, f.spend, f.orders,
        (
            SELECT t.id FROM loyalty_tier t
            WHERE t.entry_spend IS NULL OR t.entry_spend <= f.spend
            ORDER BY t.rank DESC
            LIMIT 1
        ) AS to_tier_id
    FROM figures f
    JOIN loyalty_standing s ON s.member_id = f.member_id
    JOIN members_member m ON m.id = s.member_id AND m.status <> 'closed'
    WHERE f.last_at >= s.reviewed_at OR s.has_late_fact OR s.valid_until <= %(cutoff)s
),
changes AS (
    INSERT INTO loyalty_tierchange (
        member_id, from_tier_id, to_tier_id, cause, at, business_date, valid_until, window_from,
        spend, orders, growth, version_id
    )
    SELECT
        member_id, from_tier_id, to_tier_id, 'upgrade', %(cutoff)s, %(business_date)s,
        %(valid_until)s, %(window_from)s, spend, orders, 0, %(version)s
    FROM earned
    WHERE to_tier_id <> from_tier_id
)
UPDATE loyalty_standing
SET
    tier_id = e.to_tier_id,
    since = CASE WHEN e.to_tier_id <> e.from_tier_id THEN %(cutoff)s ELSE since END,
    valid_until = CASE WHEN e.to_tier_id <> e.from_tier_id THEN %(valid_until)s END,
    reviewed_at = %(cutoff)s,
    window_from = %(window_from)s,
    version_id = %(version)s
FROM earned e
WHERE e.id = loyalty_standing.id;
