-- How many points the rule %(code)s gave before %(until_on)s, and on which day first.
WITH
-- include parts/had_campaign
SELECT
    MIN(taken_on),
    CAST(ROUND(COALESCE(SUM(CASE WHEN taken_on < %(until_on)s THEN cost END), 0)) AS BIGINT)
FROM taken;
