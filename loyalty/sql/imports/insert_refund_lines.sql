-- Lines of the refunds just inserted. Amounts are differences of rounded running totals (half up),
-- so that they add up to the refund's amount exactly.
INSERT INTO loyalty_refundline (
    refund_id, number, sku, description, quantity, unit_price, amount
)
SELECT
    t.refund_id, t.number, t.sku, t.description, t.quantity / 1000.0, t.unit_price / 10000.0,
    CASE
        WHEN t.running >= 0 THEN (2 * t.running + %(unit)s) / (2 * %(unit)s)
        ELSE -((2 * -t.running + %(unit)s) / (2 * %(unit)s))
    END - CASE
        WHEN t.before >= 0 THEN (2 * t.before + %(unit)s) / (2 * %(unit)s)
        ELSE -((2 * -t.before + %(unit)s) / (2 * %(unit)s))
    END
FROM (
    SELECT
        lines.*,
        CAST(SUM(lines.total) OVER w AS BIGINT) AS running,
        CAST(SUM(lines.total) OVER w AS BIGINT) - lines.total AS before,
        ROW_NUMBER() OVER w AS number
    FROM (
        SELECT
            p.id AS refund_id, r."row", r.sku, r.description, -r.quantity AS quantity,
            r.unit_price, -r.quantity * r.unit_price AS total
        FROM loyalty_stagedinvoice i
        JOIN loyalty_refund p ON p.source = %(source)s AND p.external_id = i.number
        JOIN loyalty_stagedrow r ON r.run_id = i.run_id AND r.invoice = i.number
        WHERE i.run_id = %(run)s
            AND i.status = 'waiting'
            AND i.kind = 'refund'
            AND i.position <= %(last_position)s
    ) lines
    WINDOW w AS (PARTITION BY lines.refund_id ORDER BY lines."row")
) t;
