"""The programme that is run: its name, zone and currency, its limits, and what analytics keeps."""

from config import privacy
from config.environment import env
from config.places import PLACES

# --- The programme -----------------------------------------------------------------------

PROGRAMME_NAME = env.str("PROGRAMME_NAME", "Regulars")
PROGRAMME_TIMEZONE = env.str("PROGRAMME_TIMEZONE", "Asia/Shanghai")
PROGRAMME_CURRENCY = env.str("PROGRAMME_CURRENCY", "CNY")

# How many points are worth one unit of the currency.
POINTS_PER_MONEY = env.int("POINTS_PER_MONEY", 100)

# Points that one operator may give or take alone; above the second bound two others must approve.
ADJUSTMENT_LIMIT = env.int("ADJUSTMENT_LIMIT", 500)
ADJUSTMENT_TWO_APPROVERS_ABOVE = env.int("ADJUSTMENT_TWO_APPROVERS_ABOVE", 50_000)

# How long a checkout holds coupons, and how many wrong codes are read in so many minutes.
COUPON_RESERVATION_SECONDS = env.int("COUPON_RESERVATION_SECONDS", 900)
COUPON_GUESSES_MEMBER = env.int("COUPON_GUESSES_MEMBER", 10)
COUPON_GUESSES_ADDRESS = env.int("COUPON_GUESSES_ADDRESS", 50)
COUPON_GUESS_MINUTES = env.int("COUPON_GUESS_MINUTES", 15)

# When birthdays on 29 February are kept in common years, 02-28 or 03-01; and how many days before
# a birthday perk opens a birthday must have been given or changed to count this year.
BIRTHDAY_LEAP_DAY = env.str("BIRTHDAY_LEAP_DAY", "02-28")
BIRTHDAY_QUIET_DAYS = env.int("BIRTHDAY_QUIET_DAYS", 30)

# Where the portal's navigation leads.
PORTAL_PLACES = PLACES

# --- People's data -----------------------------------------------------------------------

MEMBER_DATA = privacy.MEMBER_DATA
MEMBER_LOSSES = privacy.MEMBER_LOSSES
MEMBER_ERASURE = privacy.MEMBER_ERASURE
MEMBER_MERGE = privacy.MEMBER_MERGE
# Full days in which members may take back that they asked to be erased.
ERASURE_COOLING_DAYS = env.int("ERASURE_COOLING_DAYS", 7)

# --- Recommendations ---------------------------------------------------------------------

# From how many days, and at most how many members, it is learned which articles go together; and
# how many members must have bought two articles for that to mean something.
RECOMMENDATION_DAYS = env.int("RECOMMENDATION_DAYS", 365)
RECOMMENDATION_MEMBERS = env.int("RECOMMENDATION_MEMBERS", 50_000)
RECOMMENDATION_FEWEST = env.int("RECOMMENDATION_FEWEST", 5)

# --- Lifetime value ----------------------------------------------------------------------

# Days from one fit of the models to the next, and how many members at most a fit looks at.
LIFETIME_FIT_DAYS = env.int("LIFETIME_FIT_DAYS", 7)
LIFETIME_FIT_MEMBERS = env.int("LIFETIME_FIT_MEMBERS", 20_000)
# How many days ahead a member's purchases are predicted.
LIFETIME_HORIZON_DAYS = env.int("LIFETIME_HORIZON_DAYS", 365)

# --- Behaviour and care ------------------------------------------------------------------

# How long portal events are kept, at least the 90 days that are measured; and how many of a
# member's are kept of one day.
BEHAVIOUR_KEEP_DAYS = max(90, env.int("BEHAVIOUR_KEEP_DAYS", 180))
BEHAVIOUR_EVENTS_A_DAY = env.int("BEHAVIOUR_EVENTS_A_DAY", 500)
# For how many days after an action nights look whether the member came back.
CARE_MEASURED_DAYS = env.int("CARE_MEASURED_DAYS", 30)

# --- Proof -------------------------------------------------------------------------------

# Loaded by common.proof for `verify_ledger`.
LEDGER_CHECKS = ["loyalty.proof.CHECKS", "benefits.proof.CHECKS"]

# --- Demo --------------------------------------------------------------------------------

# Called by `manage.py demo` each time, after its shop is loaded: lays benefits over it, once.
DEMO_OFFERS = [
    "benefits.demo.offers.load",
    "benefits.demo.events.load",
    "analytics.demo.loading.load",
]
