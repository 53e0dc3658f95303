-- Who was given a coupon of the template %(benefit)s.
WITH given AS (
    SELECT DISTINCT member_id FROM benefits_coupon
    WHERE template_id = %(benefit)s AND member_id IS NOT NULL
),
-- include parts/compared
