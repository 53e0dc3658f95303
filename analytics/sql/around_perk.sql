WITH
-- include parts/had_perk
,
-- include parts/around
