-- What most of a buyer's purchases of 365 days have in common, of `counted`: the hour and the
-- weekday in the zone %(zone)s, the store, the category of most lines; the first of equals.
liked AS (
    SELECT
        id, member_id, store_id,
        django_datetime_extract('hour', at, %(zone)s, 'UTC') AS hour,
        (CAST(STRFTIME('%%w', business_date) AS INTEGER) + 6) %% 7 AS weekday
    FROM counted
    WHERE business_date >= %(since_365)s
),
hours AS (
    SELECT
        member_id, hour,
        ROW_NUMBER() OVER (PARTITION BY member_id ORDER BY COUNT(*) DESC, hour) AS place
    FROM liked
    GROUP BY member_id, hour
),
weekdays AS (
    SELECT
        member_id, weekday,
        ROW_NUMBER() OVER (PARTITION BY member_id ORDER BY COUNT(*) DESC, weekday) AS place
    FROM liked
    GROUP BY member_id, weekday
),
stores AS (
    SELECT
        member_id, store_id,
        ROW_NUMBER() OVER (PARTITION BY member_id ORDER BY COUNT(*) DESC, store_id) AS place
    FROM liked
    WHERE store_id IS NOT NULL
    GROUP BY member_id, store_id
),
categories AS (
    SELECT
        liked.member_id, l.category_id,
        ROW_NUMBER() OVER (
            PARTITION BY liked.member_id ORDER BY COUNT(*) DESC, l.category_id
        ) AS place
    FROM liked
    JOIN loyalty_purchaseline l ON l.purchase_id = liked.id
    WHERE l.category_id IS NOT NULL AND l.quantity > 0
    GROUP BY liked.member_id, l.category_id
),
favourites AS (
    SELECT
        hours.member_id, hours.hour, weekdays.weekday, stores.store_id, categories.category_id
    FROM hours
    JOIN weekdays ON weekdays.member_id = hours.member_id AND weekdays.place = 1
    LEFT JOIN stores ON stores.member_id = hours.member_id AND stores.place = 1
    LEFT JOIN categories ON categories.member_id = hours.member_id AND categories.place = 1
    WHERE hours.place = 1
)
