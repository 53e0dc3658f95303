-- Accounts and standings under review. (SQLite: BEGIN IMMEDIATE is the lock.)
SELECT COUNT(*) FROM loyalty_review;
