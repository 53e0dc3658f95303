DELETE FROM loyalty_stagedrow WHERE run_id = %(run)s;
DELETE FROM loyalty_stagedinvoice WHERE run_id = %(run)s;
