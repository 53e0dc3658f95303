-- One coupon for each pair of code and member (NULL for a bearer's), with the template's terms.
INSERT INTO benefits_coupon (
    name_en, name_zh, kind, amount, percent, ceiling, thing_en, thing_zh, minimum_spend,
    is_stackable, exclusive_group, template_id, batch_id, member_id, code, conditions, status,
    valid_from, expires_at, issued_at, key, checkout_key, discount, shares, void_reason
)
SELECT
    t.name_en, t.name_zh, t.kind, t.amount, t.percent, t.ceiling, t.thing_en, t.thing_zh,
    t.minimum_spend, t.is_stackable, t.exclusive_group, t.id, %(batch)s,
    json_extract(r.value, '$[1]'), json_extract(r.value, '$[0]'), %(conditions)s, 'issued',
    %(valid_from)s, %(expires_at)s, %(issued_at)s, %(key)s, '', 0, '{}', ''
FROM benefits_coupontemplate t, json_each(%(rows)s) r
WHERE t.id = %(template)s;
