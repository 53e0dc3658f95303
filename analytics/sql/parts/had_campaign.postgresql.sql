-- Members' facts for which the rule %(code)s gave points to spend, as a line of %(lines)s: on which
-- days, and how many: told to a ten-thousandth, less what refunds took back. No fact of the rule lies
-- outside %(from_on)s to %(to_on)s.
taken AS (
    SELECT
        a.member_id, e.business_date AS taken_on,
        CAST(COALESCE(line ->> 'granted', line ->> 'gives') AS NUMERIC) * 1.0
            * (e.points + COALESCE((
                SELECT SUM(back.points)
                FROM loyalty_refund r
                JOIN loyalty_pointsentry back ON back.refund_id = r.id
                WHERE r.purchase_id = e.purchase_id
                    AND back.account_id = e.account_id AND back.kind = 'clawback'
            ), 0)) / e.points AS cost
    FROM loyalty_pointsentry e
    JOIN loyalty_pointsaccount a ON a.id = e.account_id
    JOIN loyalty_pointtype t ON t.id = a.point_type_id
    CROSS JOIN jsonb_array_elements(e.breakdown -> CAST(%(lines)s AS TEXT)) line
    WHERE e.business_date >= %(from_on)s AND e.business_date <= %(to_on)s
        AND e.kind = 'earn' AND e.points > 0 AND t.is_spendable
        AND line ->> 'rule' = %(code)s
)
