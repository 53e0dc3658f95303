-- Whom the campaign %(benefit)s is for by its segments when it begins, whether they buy or not, and
-- who had points by it without being among them.
WITH
-- include parts/had_campaign
,
given AS (
    SELECT s.member_id
    FROM members_segmentmembership s
    WHERE s.segment_id IN (
            SELECT segment_id FROM loyalty_rulescope
            WHERE rule_id = %(benefit)s AND segment_id IS NOT NULL
        )
        AND s.from_on <= %(first_on)s AND (s.until_on IS NULL OR s.until_on > %(first_on)s)
    UNION
    SELECT member_id FROM taken
),
-- include parts/compared
