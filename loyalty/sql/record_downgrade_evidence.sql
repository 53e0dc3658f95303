-- Whoever is told tonight may come down from the next night on.
INSERT INTO loyalty_downgradeevidence (
    member_id, tier_id, valid_until, business_date, notice_id, waiver, recorded_at
)
SELECT s.member_id, s.tier_id, s.valid_until, %(business_date)s, n.id, '', %(now)s
FROM loyalty_review v
JOIN loyalty_standing s ON s.id = v.standing_id
JOIN members_notice n
    ON n.member_id >= %(first)s AND n.member_id <= %(last)s
    AND n.member_id = v.member_id AND n.key = v.key AND n.business_date = %(business_date)s
WHERE v.kept_rank < v.from_rank AND v.entry_rank <= v.from_rank
ON CONFLICT (member_id, tier_id, valid_until, business_date) DO NOTHING;
