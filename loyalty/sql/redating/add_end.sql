INSERT INTO loyalty_redating_end (since_on, joined_on, ends_at)
VALUES (%(since_on)s, %(joined_on)s, %(ends_at)s);
