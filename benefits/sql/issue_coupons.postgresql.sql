-- One coupon for each pair of code and member (NULL for a bearer's), with the template's terms.
-- (The databases read JSON by functions of different names.)
INSERT INTO benefits_coupon (
    name_en, name_zh, kind, amount, percent, ceiling, thing_en, thing_zh, minimum_spend,
    is_stackable, exclusive_group, template_id, batch_id, member_id, code, conditions, status,
    valid_from, expires_at, issued_at, key, checkout_key, discount, shares, void_reason
)
SELECT
    t.name_en, t.name_zh, t.kind, t.amount, t.percent, t.ceiling, t.thing_en, t.thing_zh,
    t.minimum_spend, t.is_stackable, t.exclusive_group, t.id, %(batch)s,
    CAST(r.value ->> 1 AS bigint), r.value ->> 0, CAST(%(conditions)s AS jsonb), 'issued',
    CAST(%(valid_from)s AS timestamptz), CAST(%(expires_at)s AS timestamptz),
    CAST(%(issued_at)s AS timestamptz), %(key)s, '', 0, '{}', ''
FROM benefits_coupontemplate t, jsonb_array_elements(CAST(%(rows)s AS jsonb)) r (value)
WHERE t.id = %(template)s;
