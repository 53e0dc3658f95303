CREATE TEMPORARY TABLE IF NOT EXISTS analytics_warned (
    member_id BIGINT NOT NULL,
    level_id BIGINT NOT NULL,
    kind VARCHAR(14) NOT NULL,
    severity INTEGER NOT NULL,
    threshold INTEGER NOT NULL,
    is_news INTEGER NOT NULL,
    owner_id BIGINT,
    due_on DATE NOT NULL,
    quiet_since DATE NOT NULL,
    PRIMARY KEY (member_id, level_id)
);
DELETE FROM analytics_warned;
