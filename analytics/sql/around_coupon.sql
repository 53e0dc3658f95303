WITH
-- include parts/had_coupon
,
-- include parts/around
