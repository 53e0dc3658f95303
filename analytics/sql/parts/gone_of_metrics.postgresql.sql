        business_date - last_purchase_on AS gone_days
