-- Fifths of `ranked` (member_id, last_on, orders, money) by each figure: 1 the longest gone, the
-- rarest, the least spent; 5 the best. Ties by the shop's own number, ascending, numeric where it is
-- numeric; then those with other numbers, then those without one.
placed AS (
    SELECT
        ranked.member_id, ranked.last_on, ranked.orders, ranked.money,
        ROW_NUMBER() OVER (
            ORDER BY
                CASE
                    WHEN m.external_number IS NULL THEN 2
                    WHEN LTRIM(m.external_number, '0123456789') = '' THEN 0
                    ELSE 1
                END,
                CASE
                    WHEN LTRIM(m.external_number, '0123456789') = ''
                    THEN LENGTH(LTRIM(m.external_number, '0'))
                END,
                LTRIM(m.external_number, '0'),
                m.id
        ) AS place
    FROM ranked
    JOIN members_member m ON m.id = ranked.member_id
),
scored AS (
    SELECT
        member_id,
        NTILE(5) OVER (ORDER BY last_on, place) AS recency_score,
        NTILE(5) OVER (ORDER BY orders, place) AS frequency_score,
        NTILE(5) OVER (ORDER BY money, place) AS money_score
    FROM placed
)
