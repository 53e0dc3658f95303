WITH
-- include parts/net
SELECT m.id, m.external_number, net.amount
FROM net
JOIN members_member m ON m.id = net.member_id
ORDER BY net.amount DESC, m.id
LIMIT %(limit)s;
