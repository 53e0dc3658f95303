-- The planner must know how much has just come in: the next batches, and the night that may follow
-- at once, join these tables.
ANALYZE members_member;
ANALYZE loyalty_purchase;
ANALYZE loyalty_refund;
ANALYZE loyalty_pointsaccount;
ANALYZE loyalty_pointsentry;
ANALYZE loyalty_pointslot;
ANALYZE loyalty_lotallocation;
