-- Members whose tier this night looks at: no standing yet, a validity that has ended, or a fact
-- since their last review. Who joined at the cutoff or later is the next night's.
CREATE TEMPORARY TABLE IF NOT EXISTS loyalty_review (
    member_id BIGINT PRIMARY KEY,
    standing_id BIGINT,
    spend BIGINT NOT NULL DEFAULT 0,
    orders BIGINT NOT NULL DEFAULT 0,
    growth BIGINT NOT NULL DEFAULT 0,
    from_rank INTEGER,
    entry_rank INTEGER,
    kept_rank INTEGER,
    to_rank INTEGER,
    cause VARCHAR(10),
    valid_until TIMESTAMP WITH TIME ZONE
);
DELETE FROM loyalty_review;
INSERT INTO loyalty_review (member_id)
SELECT m.id
FROM members_member m
LEFT JOIN loyalty_standing s ON s.member_id = m.id
WHERE m.id >= %(first)s AND m.id <= %(last)s
    AND m.status <> 'closed'
    AND m.joined_at < %(cutoff)s
    AND (
        s.id IS NULL
        OR s.has_late_fact
        OR s.valid_until <= %(cutoff)s
        OR EXISTS (
            SELECT 1 FROM loyalty_purchase p
            WHERE p.member_id = m.id AND p.at >= s.reviewed_at AND p.at < %(cutoff)s
        )
        OR EXISTS (
            SELECT 1 FROM loyalty_refund r
            WHERE r.member_id = m.id AND r.at >= s.reviewed_at AND r.at < %(cutoff)s
        )
        OR EXISTS (
            SELECT 1
            FROM loyalty_pointsaccount a
            JOIN loyalty_pointsentry e ON e.account_id = a.id
            WHERE a.member_id = m.id AND a.point_type_id = %(growth)s
                AND e.at >= s.reviewed_at AND e.at < %(cutoff)s
        )
    );
