-- Rows become invoices, in the order of what happened. The amount is summed exactly (ten-millionths
-- of a unit) and rounded half up, once; a refund's is positive. `unit` is one minor unit.
INSERT INTO loyalty_stagedinvoice (
    run_id, number, kind, customer, at, amount, first_row, position, status, reason_row, reason
)
SELECT
    %(run)s, g.invoice, g.kind, g.customer, g.at,
    CASE
        WHEN g.total >= 0 THEN (2 * g.total + %(unit)s) / (2 * %(unit)s)
        ELSE -((2 * -g.total + %(unit)s) / (2 * %(unit)s))
    END,
    g.first_row, ROW_NUMBER() OVER (ORDER BY g.at, g.first_row), 'waiting', g.error_row, ''
FROM (
    SELECT
        r.invoice, MIN(r.kind) AS kind, MIN(r.customer) AS customer, MIN(r.at) AS at,
        MIN(r."row") AS first_row,
        MIN(CASE WHEN r.error <> '' THEN r."row" END) AS error_row,
        CAST(
            SUM(CASE WHEN r.kind = 'refund' THEN -r.quantity ELSE r.quantity END * r.unit_price)
            AS BIGINT
        ) AS total
    FROM loyalty_stagedrow r
    WHERE r.run_id = %(run)s
    GROUP BY r.invoice
) g;

UPDATE loyalty_stagedinvoice
SET status = 'refused', reason_row = first_row, reason = %(no_number)s
WHERE run_id = %(run)s AND status = 'waiting' AND number = '';

UPDATE loyalty_stagedinvoice
SET status = 'skipped', reason_row = first_row, reason = %(other)s
WHERE run_id = %(run)s AND status = 'waiting' AND kind = 'other';

UPDATE loyalty_stagedinvoice
SET
    status = 'refused',
    reason = (
        SELECT r.error FROM loyalty_stagedrow r
        WHERE r.run_id = %(run)s
            AND r.invoice = loyalty_stagedinvoice.number
            AND r."row" = loyalty_stagedinvoice.reason_row
    )
WHERE run_id = %(run)s AND status = 'waiting' AND reason_row IS NOT NULL;

UPDATE loyalty_stagedinvoice
SET
    status = 'refused',
    reason = %(two_customers)s,
    reason_row = (
        SELECT MIN(r."row") FROM loyalty_stagedrow r
        WHERE r.run_id = %(run)s
            AND r.invoice = loyalty_stagedinvoice.number
            AND r.customer <> (
                SELECT f.customer FROM loyalty_stagedrow f
                WHERE f.run_id = %(run)s
                    AND f.invoice = loyalty_stagedinvoice.number
                    AND f."row" = loyalty_stagedinvoice.first_row
            )
    )
WHERE run_id = %(run)s
    AND status = 'waiting'
    AND EXISTS (
        SELECT 1 FROM loyalty_stagedrow r
        WHERE r.run_id = %(run)s
            AND r.invoice = loyalty_stagedinvoice.number
            AND r.customer <> loyalty_stagedinvoice.customer
    );

UPDATE loyalty_stagedinvoice
SET status = 'refused', reason = %(negative)s, reason_row = first_row
WHERE run_id = %(run)s AND status = 'waiting' AND amount < 0;
