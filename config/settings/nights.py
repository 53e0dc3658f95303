"""What nights do, in their order, and what members are told and how."""

from config import navigation
from config.environment import env

from .programme import PROGRAMME_NAME

# --- Nights ------------------------------------------------------------------------------

# Loaded by common.jobs, in this order for every business date.
NIGHTLY_POPULATION = "members.jobs.population"
NIGHTLY_EARLIEST = "members.jobs.earliest_night"
NIGHTLY_STEPS = [
    "loyalty.jobs.activate_points",
    "loyalty.jobs.settle_merged_accounts",
    "loyalty.jobs.review_tiers",
    "loyalty.jobs.expire_points",
    "loyalty.jobs.forecast_expiry",
    "benefits.jobs.give_back_coupons",
    "benefits.jobs.answer_tier_changes",
    "benefits.jobs.record_birthdays",
    "benefits.jobs.grant_birthday_perks",
    "benefits.jobs.greet_on_holidays",
    "benefits.jobs.expire_coupons",
    "benefits.jobs.expire_codes",
    "benefits.jobs.close_events",
    "members.jobs.erase_members",
    "loyalty.jobs.close_erased_accounts",
    "analytics.jobs.fit_lifetimes",
    "analytics.jobs.measure_members",
    "analytics.jobs.count_bands",
    "analytics.jobs.score_members",
    "analytics.jobs.predict_lifetimes",
    "analytics.jobs.open_care_tasks",
    "analytics.jobs.compute_segments",
    "analytics.jobs.count_segments",
    "analytics.jobs.prune_behaviour",
    "analytics.jobs.record_figures",
    "analytics.jobs.recommend_articles",
    "common.jobs.proof.prove_ledger",
    "loyalty.jobs.notify_expiring_points",
    "loyalty.jobs.notify_tiers_going_down",
    "benefits.jobs.notify_expiring_coupons",
]
NIGHTLY_STEP_NAMES = navigation.STEP_NAMES
NIGHTLY_COUNT_NAMES = navigation.COUNT_NAMES
NIGHTLY_GUARD_NAMES = navigation.GUARD_NAMES
NIGHTLY_GUARD_PAGES = navigation.GUARD_PAGES
NIGHTLY_HOUR = env.int("NIGHTLY_HOUR", 1)
# After the hour: how long a night may take before operators and monitoring hear that it is late.
NIGHTLY_GRACE_MINUTES = env.int("NIGHTLY_GRACE_MINUTES", 120)
NIGHTLY_RANGE_SIZE = env.int("NIGHTLY_RANGE_SIZE", 10_000)
NIGHTLY_STALE_AFTER_SECONDS = env.int("NIGHTLY_STALE_AFTER_SECONDS", 900)

# --- Notices -----------------------------------------------------------------------------

# Loaded by members.notices: what members may be told, in words.
NOTICE_KINDS = [
    "members.notice_kinds.KINDS",
    "members.sign_in_notices.KINDS",
    "loyalty.notices.KINDS",
    "benefits.notices.KINDS",
    "benefits.event_notices.KINDS",
]
# Days before their end at which members are told of points that expire.
EXPIRY_NOTICE_DAYS = env.list("EXPIRY_NOTICE_DAYS", cast=int, default=[30, 7, 1])
# The same for coupons.
COUPON_NOTICE_DAYS = env.list("COUPON_NOTICE_DAYS", cast=int, default=[7, 1])
# Whether what is due on the first night that tells may expire untold; else it is held.
NIGHTLY_WAIVES_FIRST_EXPIRY = env.bool("NIGHTLY_WAIVES_FIRST_EXPIRY", True)
# Days before the end of its validity at which members are told that their tier will go down.
TIER_NOTICE_DAYS = env.list("TIER_NOTICE_DAYS", cast=int, default=[30, 7])
# Whether who is due on the first night that tells may come down untold; else the tier is held.
NIGHTLY_WAIVES_FIRST_DOWNGRADE = env.bool("NIGHTLY_WAIVES_FIRST_DOWNGRADE", True)

_email_url = env.str("EMAIL_URL", "")
vars().update(env.email_url_config(_email_url or "consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"{PROGRAMME_NAME} <noreply@localhost>")
EMAIL_TIMEOUT = 20
# What carries notices outside the portal, for members who agreed; empty for none.
NOTICE_CHANNELS = {
    "email": env.str("NOTICE_EMAIL", "members.channels.EmailChannel" if _email_url else ""),
    "sms": env.str("NOTICE_SMS", ""),
    "wechat": env.str("NOTICE_WECHAT", ""),
}
# Where members reach the portal, for links in messages: https://club.example, or empty for none.
PORTAL_URL = env.str("PORTAL_URL", "").rstrip("/")

# Loaded by members.services: asked to answer a member's first visit of a day at once.
VISIT_ANSWERS = [
    "loyalty.services.standings.upgrade_by_visit",
    "benefits.services.tier_gifts.answer_member",
]
