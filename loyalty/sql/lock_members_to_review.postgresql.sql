-- Lock accounts, then standings, of the members listed, each in ascending id.
WITH accounts AS MATERIALIZED (
    SELECT a.id
    FROM loyalty_listed v
    JOIN loyalty_pointsaccount a ON a.member_id = v.member_id
    WHERE a.member_id >= %(first)s AND a.member_id <= %(last)s
    ORDER BY a.id
    FOR UPDATE OF a
),
counted AS MATERIALIZED (SELECT COUNT(*) AS locked FROM accounts),
standings AS MATERIALIZED (
    SELECT s.id
    FROM counted
    JOIN loyalty_standing s ON counted.locked >= 0
    JOIN loyalty_listed v ON v.member_id = s.member_id
    WHERE s.member_id >= %(first)s AND s.member_id <= %(last)s
    ORDER BY s.id
    FOR UPDATE OF s
)
SELECT COUNT(*) FROM standings;
