        CAST(JULIANDAY(business_date) - JULIANDAY(last_purchase_on) AS INTEGER) AS gone_days
