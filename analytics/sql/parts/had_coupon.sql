-- Members who used a coupon of the template %(benefit)s, on which day first, and what it cost.
had AS (
    SELECT
        u.member_id, MIN(p.business_date) AS first_on, CAST(SUM(u.discount) AS BIGINT) AS cost
    FROM benefits_couponuse u
    JOIN benefits_coupon c ON c.id = u.coupon_id
    JOIN loyalty_purchase p ON p.id = u.purchase_id
    WHERE c.template_id = %(benefit)s AND u.returned_at IS NULL
    GROUP BY u.member_id
)
