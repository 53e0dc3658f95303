-- Waiting invoices of a batch that the programme has already, alike or with other contents.
UPDATE loyalty_stagedinvoice
SET
    status = CASE WHEN known.is_same = 1 THEN 'known' ELSE 'refused' END,
    reason = CASE WHEN known.is_same = 1 THEN '' ELSE %(conflict)s END,
    reason_row = CASE WHEN known.is_same = 1 THEN NULL ELSE first_row END
FROM (
    SELECT
        i.id,
        CASE
            WHEN p.amount = i.amount AND p.at = i.at
                AND COALESCE(m.external_number, '') = i.customer
            THEN 1
            ELSE 0
        END AS is_same
    FROM loyalty_stagedinvoice i
    JOIN loyalty_purchase p ON p.source = %(source)s AND p.external_id = i.number
    LEFT JOIN members_member m ON m.id = p.member_id
    WHERE i.run_id = %(run)s AND i.kind = 'purchase' AND i.status = 'waiting'
        AND i.position <= %(last_position)s
    UNION ALL
    SELECT
        i.id,
        CASE
            WHEN r.amount = i.amount AND r.at = i.at
                AND COALESCE(m.external_number, '') = i.customer
            THEN 1
            ELSE 0
        END
    FROM loyalty_stagedinvoice i
    JOIN loyalty_refund r ON r.source = %(source)s AND r.external_id = i.number
    LEFT JOIN members_member m ON m.id = r.member_id
    WHERE i.run_id = %(run)s AND i.kind = 'refund' AND i.status = 'waiting'
        AND i.position <= %(last_position)s
) known
WHERE loyalty_stagedinvoice.id = known.id;

-- Customer numbers that collide with members from elsewhere.
UPDATE loyalty_stagedinvoice
SET status = 'refused', reason = %(foreign)s, reason_row = first_row
WHERE run_id = %(run)s
    AND status = 'waiting'
    AND position <= %(last_position)s
    AND %(adopts)s = 0
    AND customer <> ''
    AND EXISTS (
        SELECT 1 FROM members_member m
        WHERE m.external_number = loyalty_stagedinvoice.customer AND m.source <> %(source)s
    );
