        CAST(%(before)s AS DATE) - last_on AS gone_days
