-- Nobody came down without a notice on an earlier night of an end that had come, or a waiver.
SELECT
    'tier change' AS subject, c.id, CAST(NULL AS BIGINT) AS account,
    'told on an earlier night' AS what, 1 AS expected, 0 AS found
FROM loyalty_tierchange c
WHERE c.cause IN ('downgrade', 'refunded')
    AND NOT EXISTS (
        SELECT 1
        FROM loyalty_downgradeevidence e
        WHERE e.member_id = c.member_id
            AND e.tier_id = c.from_tier_id
            AND (e.valid_until <= c.at OR e.waiver = 'refund')
            AND (e.business_date < c.business_date
                OR (e.waiver <> '' AND e.business_date = c.business_date))
    )
