-- The planner must know how many rows have just come in.
ANALYZE loyalty_stagedrow;

-- Sums that the database cannot hold are never made: all rows of such an invoice are bad and count
-- nothing. This sum itself fits, because it is one of hundreds of units, not of ten-millionths.
UPDATE loyalty_stagedrow
SET error = %(too_large)s, quantity = 0
WHERE run_id = %(run)s
    AND error = ''
    AND invoice IN (
        SELECT r.invoice FROM loyalty_stagedrow r
        WHERE r.run_id = %(run)s
        GROUP BY r.invoice
        HAVING SUM(ABS(r.quantity * r.unit_price) / 1000000000) >= 1000000000
    );

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
    g.first_row, ROW_NUMBER() OVER (ORDER BY g.at, g.first_row), 'waiting',
    COALESCE(g.error_row, g.mixed_row),
    CASE WHEN g.error_row IS NULL AND g.mixed_row IS NOT NULL THEN %(two_customers)s ELSE '' END
FROM (
    SELECT
        r.invoice, MIN(r.kind) AS kind, MIN(r.customer) AS customer, MIN(r.at) AS at,
        MIN(r."row") AS first_row,
        MIN(CASE WHEN r.error <> '' THEN r."row" END) AS error_row,
        MIN(CASE WHEN r.customer <> r.first_customer THEN r."row" END) AS mixed_row,
        CAST(
            SUM(CASE WHEN r.kind = 'refund' THEN -r.quantity ELSE r.quantity END * r.unit_price)
            AS BIGINT
        ) AS total
    FROM (
        SELECT
            staged.*,
            FIRST_VALUE(staged.customer) OVER (
                PARTITION BY staged.invoice ORDER BY staged."row"
            ) AS first_customer
        FROM loyalty_stagedrow staged
        WHERE staged.run_id = %(run)s
    ) r
    GROUP BY r.invoice
) g;

ANALYZE loyalty_stagedinvoice;

UPDATE loyalty_stagedinvoice
SET status = 'refused', reason_row = first_row, reason = %(no_number)s
WHERE run_id = %(run)s AND status = 'waiting' AND number = '';

UPDATE loyalty_stagedinvoice
SET status = 'skipped', reason_row = first_row, reason = %(other)s
WHERE run_id = %(run)s AND status = 'waiting' AND kind = 'other';

UPDATE loyalty_stagedinvoice
SET
    reason = (
        SELECT r.error FROM loyalty_stagedrow r
        WHERE r.run_id = %(run)s
            AND r.invoice = loyalty_stagedinvoice.number
            AND r."row" = loyalty_stagedinvoice.reason_row
    )
WHERE run_id = %(run)s AND status = 'waiting' AND reason_row IS NOT NULL AND reason = '';

UPDATE loyalty_stagedinvoice
SET status = 'refused'
WHERE run_id = %(run)s AND status = 'waiting' AND reason_row IS NOT NULL;

UPDATE loyalty_stagedinvoice
SET status = 'refused', reason = %(negative)s, reason_row = first_row
WHERE run_id = %(run)s AND status = 'waiting' AND amount < 0;
