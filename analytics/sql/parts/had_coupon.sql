-- Members' uses of a coupon of the template %(benefit)s: on which days, and what each cost.
taken AS (
    SELECT u.member_id, p.business_date AS taken_on, u.discount AS cost
    FROM benefits_couponuse u
    JOIN benefits_coupon c ON c.id = u.coupon_id
    JOIN loyalty_purchase p ON p.id = u.purchase_id
    WHERE c.template_id = %(benefit)s AND u.returned_at IS NULL
)
