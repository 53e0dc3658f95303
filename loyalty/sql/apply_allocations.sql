-- Move what remains in the lots that an entry allocated from or to.
UPDATE loyalty_pointslot
SET remaining = remaining + (
    SELECT SUM(a.points)
    FROM loyalty_lotallocation a
    WHERE a.entry_id = %(entry)s AND a.lot_id = loyalty_pointslot.id
)
WHERE id IN (SELECT a.lot_id FROM loyalty_lotallocation a WHERE a.entry_id = %(entry)s);
