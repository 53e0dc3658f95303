-- A rung of the draft.
INSERT INTO loyalty_rung VALUES (
    %(code)s, %(rank)s, %(join)s,
    %(entry_spend)s, %(entry_orders)s, %(entry_growth)s, %(entry_active_days)s,
    %(retention_spend)s, %(retention_orders)s, %(retention_growth)s, %(retention_active_days)s
);
