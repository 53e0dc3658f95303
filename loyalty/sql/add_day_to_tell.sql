INSERT INTO loyalty_telling_day (last_day, days, after_at, until_at)
VALUES (%(last_day)s, %(days)s, %(after)s, %(until)s);
