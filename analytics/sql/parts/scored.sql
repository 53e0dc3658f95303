-- Fifths of `ranked` (member_id, last_on, orders, money) by each figure: 1 the longest gone, the
-- rarest, the least spent; 5 the best. Ties by the shop's own number, ascending, numeric where it is
-- numeric; then those with other numbers, then those without one.
numbered AS (
    SELECT
        ranked.member_id, ranked.last_on, ranked.orders, ranked.money, m.external_number,
        -- Compared as a number; only what is none, or too long for one, is compared as text.
        CASE
            WHEN LTRIM(m.external_number, '0123456789') = '' AND LENGTH(m.external_number) <= 18
            THEN CAST(m.external_number AS BIGINT)
        END AS number
    FROM ranked
    JOIN members_member m ON m.id = ranked.member_id
),
placed AS (
    SELECT
        member_id, last_on, orders, money,
        ROW_NUMBER() OVER (
            ORDER BY
                CASE
                    WHEN number IS NOT NULL THEN 0
                    WHEN external_number IS NULL THEN 3
                    WHEN LTRIM(external_number, '0123456789') = '' THEN 1
                    ELSE 2
                END,
                number,
                CASE
                    WHEN number IS NULL AND LTRIM(external_number, '0123456789') = ''
                    THEN LENGTH(LTRIM(external_number, '0'))
                END,
-- include parts/other_number
                member_id
        ) AS place
    FROM numbered
),
scored AS (
    SELECT
        member_id,
        NTILE(5) OVER (ORDER BY last_on, place) AS recency_score,
        NTILE(5) OVER (ORDER BY orders, place) AS frequency_score,
        NTILE(5) OVER (ORDER BY money, place) AS money_score
    FROM placed
)
