-- The live lots of a locked account, soonest to expire first, then oldest: as many as hold so many
-- points, or all of them where they hold fewer.
SELECT lot.id, lot.remaining
FROM (
    SELECT
        l.id, l.remaining, l.expires_at,
        SUM(l.remaining) OVER (ORDER BY l.expires_at NULLS LAST, l.id) AS up_to
    FROM loyalty_pointslot l
    WHERE l.account_id = %(account)s
        AND l.remaining > 0
        AND l.available_at <= %(at)s
        AND (l.expires_at > %(at)s OR l.expires_at IS NULL)
) AS lot
WHERE lot.up_to - lot.remaining < %(points)s
ORDER BY lot.expires_at NULLS LAST, lot.id;
