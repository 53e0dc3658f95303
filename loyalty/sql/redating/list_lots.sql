-- The lots that a re-date run means, with the day from which their new validity counts. First the
-- accounts: `at` is the instant of the change, never before the last entry or the last change;
-- `active_on` the last activity, only where the new validity counts from it.
CREATE TEMPORARY TABLE IF NOT EXISTS loyalty_redating_account (
    account_id BIGINT PRIMARY KEY, member_id BIGINT, joined_on DATE, active_on DATE,
    at TIMESTAMPTZ, after_entry BIGINT
);
DELETE FROM loyalty_redating_account;
INSERT INTO loyalty_redating_account (
    account_id, member_id, joined_on, active_on, at, after_entry
)
SELECT
    a.id,
    a.member_id,
    CASE WHEN %(is_anniversary)s = 1 THEN m.joined_on ELSE %(any_day)s END,
    CASE
        WHEN %(is_inactivity)s = 0 THEN NULL
        WHEN a.active_on IS NOT NULL THEN a.active_on
        ELSE (
            SELECT MAX(e.business_date)
            FROM loyalty_pointsentry e
            WHERE e.account_id = a.id
                AND (
                    e.kind = 'redeem'
                    OR (
                        e.kind = 'earn'
                        AND (e.purchase_id IS NOT NULL OR e.activity_id IS NOT NULL)
                    )
                )
        )
    END,
    CASE
        WHEN a.last_entry_at > %(now)s THEN a.last_entry_at
        ELSE %(now)s
    END,
    a.entry_count
FROM loyalty_pointsaccount a
JOIN members_member m ON m.id = a.member_id
WHERE a.member_id >= %(first)s AND a.member_id <= %(last)s
    AND a.point_type_id = %(point_type)s
    AND EXISTS (
        SELECT 1 FROM loyalty_pointslot l WHERE l.account_id = a.id AND l.remaining > 0
    );
UPDATE loyalty_redating_account
SET at = c.at
FROM (
    SELECT l.account_id, MAX(x.at) AS at
    FROM loyalty_lotchange x
    JOIN loyalty_pointslot l ON l.id = x.lot_id
    JOIN loyalty_redating_account r ON r.account_id = l.account_id
    GROUP BY l.account_id
) c
WHERE c.account_id = loyalty_redating_account.account_id AND c.at > loyalty_redating_account.at;

-- Lots with points left that have not ended; those that a restore opened keep their 30 days.
CREATE TEMPORARY TABLE IF NOT EXISTS loyalty_redating (
    lot_id BIGINT PRIMARY KEY, account_id BIGINT, member_id BIGINT, since_on DATE, joined_on DATE,
    policy VARCHAR(40), points BIGINT, before_at TIMESTAMPTZ, after_at TIMESTAMPTZ,
    is_clamped INTEGER NOT NULL DEFAULT 0
);
DELETE FROM loyalty_redating;
INSERT INTO loyalty_redating (
    lot_id, account_id, member_id, since_on, joined_on, policy, points, before_at
)
SELECT
    f.lot_id,
    f.account_id,
    f.member_id,
    CASE WHEN f.active_on > f.earned_on THEN f.active_on ELSE f.earned_on END,
    f.joined_on,
    f.policy,
    f.remaining,
    f.expires_at
FROM (
    SELECT
        l.id AS lot_id,
        l.account_id,
        r.member_id,
        r.joined_on,
        r.active_on,
        COALESCE(p.business_date, v.business_date, e.business_date) AS earned_on,
        CASE WHEN l.redated_to = '' THEN l.expiry ELSE l.redated_to END AS policy,
        l.remaining,
        l.expires_at
    FROM loyalty_redating_account r
    JOIN loyalty_pointslot l
        ON l.account_id = r.account_id
        AND l.remaining > 0
        AND (l.expires_at IS NULL OR l.expires_at > r.at)
    JOIN loyalty_pointsentry e ON e.id = l.entry_id AND e.kind <> 'restore'
    LEFT JOIN loyalty_purchase p ON p.id = e.purchase_id
    LEFT JOIN loyalty_activity v ON v.id = e.activity_id
) f
WHERE (%(only_policy)s = '' OR f.policy = %(only_policy)s)
    AND f.earned_on >= %(earned_from)s
    AND f.earned_on <= %(earned_until)s
    AND NOT EXISTS (
        SELECT 1 FROM loyalty_lotchange c WHERE c.run_id = %(run)s AND c.lot_id = f.lot_id
    );

CREATE TEMPORARY TABLE IF NOT EXISTS loyalty_redating_end (
    since_on DATE, joined_on DATE, ends_at TIMESTAMPTZ, PRIMARY KEY (since_on, joined_on)
);
DELETE FROM loyalty_redating_end;
