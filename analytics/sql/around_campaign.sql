WITH
-- include parts/had_campaign
,
-- include parts/around
