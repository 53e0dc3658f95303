-- Who would move, for the list and the file.
INSERT INTO loyalty_laddermove (draft_id, member_id, from_tier_id, to_code, is_up)
SELECT %(draft)s, v.member_id, s.tier_id, r.code, v.cause = 'up'
FROM loyalty_review v
JOIN loyalty_standing s ON s.member_id = v.member_id
JOIN loyalty_rung r ON r.rank = v.to_rank
WHERE v.cause IS NOT NULL;
