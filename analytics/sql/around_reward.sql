WITH
-- include parts/had_reward
,
-- include parts/around
