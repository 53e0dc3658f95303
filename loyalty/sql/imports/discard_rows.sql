DELETE FROM loyalty_stagedrow WHERE run_id = %(run)s;
