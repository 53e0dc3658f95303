        CAST(JULIANDAY(%(before)s) - JULIANDAY(last_on) AS INTEGER) AS gone_days
