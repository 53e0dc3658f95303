"""Settings shared by every environment; what differs comes from environment variables."""

from datetime import timedelta
from pathlib import Path

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from config import navigation, privacy
from config.environment import BASE_DIR as BASE_DIR
from config.environment import env
from config.places import PLACES

# Django's own classes learn to take type arguments at run time: `Field[Decimal, Decimal]`.
django_stubs_ext.monkeypatch()

# Everything that is written while running: database, cache, queue, uploads.
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

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

# --- Nights ------------------------------------------------------------------------------

# Loaded by common.jobs, in this order for every business date.
NIGHTLY_POPULATION = "members.jobs.population"
NIGHTLY_EARLIEST = "members.jobs.earliest_night"
NIGHTLY_STEPS = [
    "loyalty.jobs.activate_points",
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

# --- Recommendations ---------------------------------------------------------------------

# From how many days, and at most how many members, it is learned which articles go together; and
# how many members must have bought two articles for that to mean something.
RECOMMENDATION_DAYS = env.int("RECOMMENDATION_DAYS", 365)
RECOMMENDATION_MEMBERS = env.int("RECOMMENDATION_MEMBERS", 50_000)
RECOMMENDATION_FEWEST = env.int("RECOMMENDATION_FEWEST", 5)

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
# --- People's data -----------------------------------------------------------------------

MEMBER_DATA = privacy.MEMBER_DATA
MEMBER_LOSSES = privacy.MEMBER_LOSSES
MEMBER_ERASURE = privacy.MEMBER_ERASURE
# Full days in which members may take back that they asked to be erased.
ERASURE_COOLING_DAYS = env.int("ERASURE_COOLING_DAYS", 7)

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
]

# --- Applications ------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.weixin",
    "axes",
    "csp",
    "django_htmx",
    "template_partials",
    "phonenumber_field",
    "rest_framework",
    "simple_history",
    "common",
    "members",
    "loyalty",
    "benefits",
    "analytics",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "common.middleware.AdminContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "members.middleware.SecondStepMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "common.htmx.HtmxPartsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "common.context.programme",
            ],
        },
    },
]

# --- Database ----------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'regulars.sqlite3'}")}
_database = DATABASES["default"]
_database["ATOMIC_REQUESTS"] = False
if _database["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE takes the write lock at BEGIN: select_for_update does nothing on SQLite.
    _database.setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        # Else INSERT OR REPLACE would delete an append-only row without asking its trigger.
        " PRAGMA recursive_triggers=ON;",
    )
    Path(str(_database["NAME"])).parent.mkdir(parents=True, exist_ok=True)

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "cache",
    }
}
REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
    }

# --- People and sign-in ------------------------------------------------------------------

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "members.adapters.LoginBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "members.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email", "phone", "username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = reverse_lazy("account_login")
ACCOUNT_SESSION_REMEMBER = True
# allauth counts in the cache, by reading and then writing. Ours are rows: members.services.limits.
ACCOUNT_RATE_LIMITS = False
# For so many seconds whoever signed in or confirmed it is believed to be the same person still.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600

# Codes that are sent to one phone number or e-mail address, and asked for from one address, on a
# business day.
CODES_PER_CONTACT = env.int("CODES_PER_CONTACT", 10)
CODES_PER_ADDRESS = env.int("CODES_PER_ADDRESS", 100)

# Wrong passwords for one login from one address until a pause of so many minutes, which codes of
# the second step share; and from one address for whomever.
PASSWORD_TRIES = 8
PASSWORD_PAUSE_MINUTES = 15
PASSWORD_TRIES_PER_MINUTE = 30
SECOND_STEP_TRIES = 8

# Whether operators sign in with a second step; the others may.
OPERATOR_SECOND_STEP = env.bool("OPERATOR_SECOND_STEP", False)
MFA_ADAPTER = "members.second_step.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = PROGRAMME_NAME
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "members.forms.second_step.AuthenticateForm",
    "reauthenticate": "members.forms.second_step.ReauthenticateForm",
    "activate_totp": "members.forms.second_step.ActivateForm",
}

# WeChat signs people in where the programme has an app of its own there.
WEIXIN_APP_ID = env.str("WEIXIN_APP_ID", "")
WEIXIN_APP_SECRET = env.str("WEIXIN_APP_SECRET", "")
# Inside WeChat (an official account) rather than by scanning a code on a website.
WEIXIN_IN_APP = env.bool("WEIXIN_IN_APP", False)
SOCIALACCOUNT_ADAPTER = "members.wechat.SocialAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "weixin": {
        "APPS": [{"client_id": WEIXIN_APP_ID, "secret": WEIXIN_APP_SECRET, "key": ""}]
        if WEIXIN_APP_ID
        else [],
        "AUTHORIZE_URL": (
            "https://open.weixin.qq.com/connect/oauth2/authorize"
            if WEIXIN_IN_APP
            else "https://open.weixin.qq.com/connect/qrconnect"
        ),
        "SCOPE": ["snsapi_userinfo" if WEIXIN_IN_APP else "snsapi_login"],
    }
}
PHONENUMBER_DEFAULT_REGION = env.str("PHONENUMBER_DEFAULT_REGION", "CN")
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = PASSWORD_TRIES
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_COOLOFF_TIME = timedelta(minutes=PASSWORD_PAUSE_MINUTES)
AXES_RESET_ON_SUCCESS = True
# Knocking during the pause does not make it longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "members.views.locked_out"
AXES_SENSITIVE_PARAMETERS = ["login", "username", "ip_address"]
# Behind a proxy every address would be the proxy's.
AXES_CLIENT_IP_CALLABLE = "config.attempts.client_address"

# --- Languages and time ------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = PROGRAMME_TIMEZONE

# --- Static files ------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = VAR_DIR / "media"

# --- Security ----------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# unfold runs Alpine (needs eval) and writes inline styles; only /admin/ may.
ADMIN_CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **CONTENT_SECURITY_POLICY["DIRECTIVES"],
        "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
        "style-src": [SELF, UNSAFE_INLINE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True

# --- Work --------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL or "filesystem://"
# Redis gives a message that nobody has acknowledged to another worker after so many seconds. Longer
# than any range may be held, else every long range would be delivered again while it is worked on.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
    "visibility_timeout": max(3600, 2 * NIGHTLY_STALE_AFTER_SECONDS)
}
CELERY_TASK_IGNORE_RESULT = True
# A message is acknowledged when its range is done: it dies with no worker. Delivered twice it does
# nothing, because the claim in the database decides who works.
CELERY_TASK_ACKS_LATE = True
# A range that kills its worker (memory) must not come back at once, for ever, and take the next
# one down: its message is dropped, and the tick sends the range again after some minutes.
CELERY_TASK_REJECT_ON_WORKER_LOST = False
# One message at a time for each process: a worker that hoards long ranges keeps others idle.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = PROGRAMME_TIMEZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "common.tasks.tick", "schedule": 60.0},
    "send_notices": {"task": "members.tasks.send_notices", "schedule": 60.0},
    "send_redatings": {"task": "loyalty.tasks.send_redatings", "schedule": 60.0},
    "issue_batches": {"task": "benefits.tasks.issue_batches", "schedule": 60.0},
    "forget_codes": {"task": "members.tasks.forget_codes", "schedule": 3600.0},
    "tend_events": {"task": "benefits.tasks.tend_events", "schedule": 60.0},
    "send_ladder_drafts": {"task": "loyalty.tasks.send_ladder_drafts", "schedule": 60.0},
    "work_on_runs": {"task": "analytics.tasks.work_on_runs", "schedule": 60.0},
}
if not REDIS_URL:
    _queue = VAR_DIR / "queue"
    for _folder in ("messages", "control"):
        (_queue / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "control_folder": str(_queue / "control"),
        "polling_interval": 0.1,
    }

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "common.api.exception_handler",
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}

UNFOLD = {
    "SITE_TITLE": PROGRAMME_NAME,
    "SITE_HEADER": PROGRAMME_NAME,
    "SITE_SUBHEADER": _("Members, points and tiers"),
    "SITE_URL": reverse_lazy("admin:index"),
    "SITE_SYMBOL": "loyalty",
    "SITE_FAVICONS": [{"rel": "icon", "href": navigation.asset("icons/favicon.svg")}],
    "COLORS": {"primary": navigation.CINNABAR},
    "STYLES": [
        navigation.asset("css/admin.css"),
        navigation.asset("css/rules.css"),
        navigation.asset("css/charts.css"),
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SIDEBAR": navigation.SIDEBAR,
    "ACCOUNT": {"navigation": [{"title": _("Sign-in"), "link": reverse_lazy("sign_in_settings")}]},
    "DASHBOARD_CALLBACK": "loyalty.admin.dashboard.dashboard",
}
