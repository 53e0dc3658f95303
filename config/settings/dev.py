"""A developer's machine and the demo: SQLite and a filesystem queue unless told otherwise."""

from config.environment import env

from .base import *  # noqa: F403

DEBUG = env.bool("DEBUG", True)
SECRET_KEY = env.str("SECRET_KEY", "development-only-key-that-protects-nothing")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PORTAL_URL = env.str("PORTAL_URL", "http://localhost:8000").rstrip("/")
# Without a provider, what members are told outside the portal is read on the terminal.
NOTICE_CHANNELS = {
    "email": env.str("NOTICE_EMAIL", "members.channels.EmailChannel"),
    "sms": env.str("NOTICE_SMS", "members.channels.ConsoleSms"),
    "wechat": env.str("NOTICE_WECHAT", "members.channels.ConsoleWeChat"),
}
