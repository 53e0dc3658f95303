"""The test suite: SQLite in memory, or the PostgreSQL named by DATABASE_URL."""

from .base import *  # noqa: F403
from .base import STORAGES

DEBUG = False
SECRET_KEY = "test-only-key"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PORTAL_URL = "https://club.example"
NOTICE_CHANNELS = {
    "email": "members.channels.EmailChannel",
    "sms": "members.channels.ConsoleSms",
    "wechat": "members.channels.ConsoleWeChat",
}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# What a test sends to a worker goes nowhere: nothing is left in the queue of a developer's demo.
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}

# Static files straight from their sources: the suite gathers none.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
