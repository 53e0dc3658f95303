-- The rows of these days are there, with nothing in them.
UPDATE analytics_dailyfigure
SET
    buyers = found.buyers,
    active_members = found.buyers,
    active_members_30 = found.buyers,
    orders = found.orders,
    amount = found.amount,
    guest_orders = found.guest_orders,
    guest_amount = found.guest_amount,
    discount = found.discount,
    paid_by_points = found.paid_by_points
FROM (
    WITH
-- include parts/sales
    SELECT
        business_date,
        COUNT(DISTINCT COALESCE(gone.kept_id, member_id)) AS buyers,
        COALESCE(SUM(CASE WHEN member_id IS NOT NULL THEN is_order END), 0) AS orders,
        CAST(COALESCE(SUM(CASE WHEN member_id IS NOT NULL THEN amount END), 0) AS BIGINT) AS amount,
        COALESCE(SUM(CASE WHEN member_id IS NULL THEN is_order END), 0) AS guest_orders,
        CAST(COALESCE(SUM(CASE WHEN member_id IS NULL THEN amount END), 0) AS BIGINT) AS guest_amount,
        CAST(SUM(discount) AS BIGINT) AS discount,
        CAST(SUM(paid_by_points) AS BIGINT) AS paid_by_points
    FROM sold
    LEFT JOIN members_membermerge gone
        ON gone.merged_id = sold.member_id AND gone.undone_at IS NULL
    GROUP BY business_date
) found
WHERE found.business_date = analytics_dailyfigure.business_date;

UPDATE analytics_dailyfigure
SET refunded = found.refunded, guest_refunded = found.guest_refunded
FROM (
    SELECT
        business_date,
        CAST(COALESCE(SUM(CASE WHEN member_id IS NOT NULL THEN amount END), 0) AS BIGINT) AS refunded,
        CAST(COALESCE(SUM(CASE WHEN member_id IS NULL THEN amount END), 0) AS BIGINT) AS guest_refunded
    FROM loyalty_refund
    WHERE at >= %(since)s AND at < %(until)s
        AND business_date >= %(first_on)s AND business_date <= %(last_on)s
    GROUP BY business_date
) found
WHERE found.business_date = analytics_dailyfigure.business_date;

UPDATE analytics_dailyfigure
SET
    points_earned = found.earned,
    points_clawed_back = found.clawed_back,
    points_redeemed = found.redeemed,
    points_restored = found.restored,
    points_expired = found.expired,
    points_adjusted = found.adjusted,
    points_forfeited = found.forfeited
FROM (
    SELECT
        e.business_date,
        CAST(SUM(CASE WHEN e.kind = 'earn' THEN e.points ELSE 0 END) AS BIGINT) AS earned,
        CAST(-SUM(CASE WHEN e.kind = 'clawback' THEN e.points ELSE 0 END) AS BIGINT) AS clawed_back,
        CAST(-SUM(CASE WHEN e.kind = 'redeem' THEN e.points ELSE 0 END) AS BIGINT) AS redeemed,
        CAST(SUM(CASE WHEN e.kind = 'restore' THEN e.points ELSE 0 END) AS BIGINT) AS restored,
        CAST(-SUM(CASE WHEN e.kind = 'expire' THEN e.points ELSE 0 END) AS BIGINT) AS expired,
        CAST(SUM(CASE WHEN e.kind = 'adjust' THEN e.points ELSE 0 END) AS BIGINT) AS adjusted,
        CAST(-SUM(CASE WHEN e.kind = 'forfeit' THEN e.points ELSE 0 END) AS BIGINT) AS forfeited
    FROM loyalty_pointsentry e
    JOIN loyalty_pointsaccount a ON a.id = e.account_id
    JOIN loyalty_pointtype t ON t.id = a.point_type_id
    WHERE e.business_date >= %(first_on)s AND e.business_date <= %(last_on)s
        AND t.code = 'base'
    GROUP BY e.business_date
) found
WHERE found.business_date = analytics_dailyfigure.business_date;

-- Members active on each day, and within the 30 days that end with it. A birthday is no deed; who
-- was merged into another is that other.
UPDATE analytics_dailyfigure
SET active_members = found.members, active_members_30 = found.members_30
FROM (
    WITH gone AS (
        SELECT merged_id, kept_id FROM members_membermerge WHERE undone_at IS NULL
    ),
    active AS (
        SELECT COALESCE(gone.kept_id, p.member_id) AS member_id, p.business_date
        FROM loyalty_purchase p
        LEFT JOIN gone ON gone.merged_id = p.member_id
        WHERE p.at >= %(since_30)s AND p.at < %(until)s AND p.member_id IS NOT NULL
            AND p.business_date >= %(first_30)s AND p.business_date <= %(last_on)s
        UNION
        SELECT COALESCE(gone.kept_id, a.member_id), a.business_date
        FROM loyalty_activity a
        LEFT JOIN gone ON gone.merged_id = a.member_id
        WHERE a.business_date >= %(first_30)s AND a.business_date <= %(last_on)s
            AND a.kind <> 'birthday'
        UNION
        SELECT COALESCE(gone.kept_id, d.member_id), d.business_date
        FROM members_portalday d
        LEFT JOIN gone ON gone.merged_id = d.member_id
        WHERE d.business_date >= %(first_30)s AND d.business_date <= %(last_on)s
    ),
    followed AS (
        SELECT
            business_date,
            LEAD(business_date) OVER (PARTITION BY member_id ORDER BY business_date) AS next_on
        FROM active
    ),
-- include parts/stays
    ,
    edges AS (
        SELECT on_date, SUM(members) AS members
        FROM (
            SELECT from_on AS on_date, COUNT(*) AS members FROM stays GROUP BY from_on
            UNION ALL
            SELECT until_on, -COUNT(*) FROM stays GROUP BY until_on
        ) edge
        GROUP BY on_date
    ),
    by_day AS (SELECT business_date, COUNT(*) AS members FROM active GROUP BY business_date)
    SELECT
        days.business_date,
        COALESCE(by_day.members, 0) AS members,
        CAST(COALESCE(
            (SELECT SUM(edges.members) FROM edges WHERE edges.on_date <= days.business_date), 0
        ) AS BIGINT) AS members_30
    FROM analytics_dailyfigure days
    LEFT JOIN by_day ON by_day.business_date = days.business_date
    WHERE days.business_date >= %(first_on)s AND days.business_date <= %(last_on)s
) found
WHERE found.business_date = analytics_dailyfigure.business_date;
