-- Everyone who bought, with their scores.
-- include parts/buyers
,
-- include parts/net
,
ranked AS (
    SELECT buyers.member_id, buyers.last_on, buyers.orders, net.amount AS money
    FROM buyers
    JOIN net ON net.member_id = buyers.member_id
),
-- include parts/scored
