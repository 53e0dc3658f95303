"""The test suite: SQLite, or the PostgreSQL named by DATABASE_URL."""

from pathlib import Path
from tempfile import TemporaryDirectory

from .base import *  # noqa: F403
from .base import DATABASES, STORAGES

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

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file of this process, gone with it. In memory all threads of a live server share one
    # connection: what one rolls back is another's, and of two writers one fails at once.
    _folder = TemporaryDirectory(prefix="regulars-test-")
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_folder.name) / "test.sqlite3")}
    # A live server that starts before the first test's database asks by this name.
    DATABASES["default"]["NAME"] = str(Path(_folder.name) / "unused.sqlite3")
    # A test's rows need not outlive a power cut.
    _options = DATABASES["default"]["OPTIONS"]
    _options["init_command"] = _options["init_command"].replace("=FULL", "=OFF")
