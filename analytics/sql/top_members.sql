WITH
-- include parts/moved
SELECT m.id, m.external_number, net.amount
FROM (
    SELECT member_id, CAST(SUM(amount) AS BIGINT) AS amount
    FROM moved
    GROUP BY member_id
    ORDER BY amount DESC, member_id
    LIMIT %(limit)s
) net
JOIN members_member m ON m.id = net.member_id
ORDER BY net.amount DESC, m.id;
