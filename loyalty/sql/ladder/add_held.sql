-- A present tier and the draft's rank for those who stand on it.
INSERT INTO loyalty_held VALUES (%(tier)s, %(rank)s, %(is_gone)s);
