-- Where each would stand if nothing else moved them.
UPDATE loyalty_review
SET from_rank = h.rank
FROM loyalty_standing s
JOIN loyalty_held h ON h.tier_id = s.tier_id
WHERE s.member_id = loyalty_review.member_id;
