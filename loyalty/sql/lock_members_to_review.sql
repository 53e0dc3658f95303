-- Accounts and standings of the members listed. (SQLite: BEGIN IMMEDIATE is the lock.)
SELECT COUNT(*) FROM loyalty_listed;
