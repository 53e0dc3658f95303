INSERT INTO loyalty_telling_end (
    after_at, until_at, window_from, down_at, down_on, last_day, days
)
VALUES (
    %(after)s, %(until)s, %(window_from)s, %(down_at)s, %(down_on)s, %(last_day)s, %(days)s
);
