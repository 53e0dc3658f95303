"""Settings shared by every environment; what differs comes from environment variables."""

from pathlib import Path

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from config import navigation
from config.environment import BASE_DIR as BASE_DIR
from config.environment import env

from .nights import *  # noqa: F403
from .nights import NIGHTLY_STALE_AFTER_SECONDS
from .programme import *  # noqa: F403
from .programme import PROGRAMME_NAME, PROGRAMME_TIMEZONE
from .sign_in import *  # noqa: F403

# Django's own classes learn to take type arguments at run time: `Field[Decimal, Decimal]`.
django_stubs_ext.monkeypatch()

# Everything that is written while running: database, cache, queue, uploads.
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

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
    "members.middleware.AccountLanguageMiddleware",
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
            "builtins": ["common.templatetags.assets"],
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
    "send_announcements": {"task": "members.tasks.send_announcements", "schedule": 60.0},
    "send_redatings": {"task": "loyalty.tasks.send_redatings", "schedule": 60.0},
    "issue_batches": {"task": "benefits.tasks.issue_batches", "schedule": 60.0},
    "forget_codes": {"task": "members.tasks.forget_codes", "schedule": 3600.0},
    "lapse_groups": {"task": "benefits.tasks.lapse_groups", "schedule": 60.0},
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
