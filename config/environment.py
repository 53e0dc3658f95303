"""What the environment says: real variables first, then the file `.env` beside manage.py."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def require(*names: str) -> None:
    """Refuse to start, naming every variable among `names` that is missing or empty."""
    missing = [name for name in names if not env.str(name, "").strip()]
    if missing:
        raise ImproperlyConfigured(
            f"Production does not start without {', '.join(missing)}:"
            " set it in the environment (.env.example explains each variable)."
        )
