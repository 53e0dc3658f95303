"""Settings of the processes that fault tests start, in a folder and database of their own."""

import os
from pathlib import Path

from config.environment import env
from config.settings.test import *  # noqa: F403
from config.settings.test import DATABASES

# The database that the test names, not the suite's own stand-in for one.
DATABASES["default"]["NAME"] = env.db_url("DATABASE_URL")["NAME"]
TEST_FOLDER = Path(os.environ["TEST_FOLDER"])
NIGHTLY_POPULATION = "tests.nights.steps.population"
NIGHTLY_STEPS = [f"tests.nights.steps.{name}" for name in env.list("TEST_STEPS")]
NIGHTLY_RANGE_SIZE = 10

CELERY_BROKER_URL = env.str("REDIS_URL", "") or "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {}
    if env.str("REDIS_URL", "")
    else {
        "data_folder_in": str(TEST_FOLDER / "messages"),
        "data_folder_out": str(TEST_FOLDER / "messages"),
        "control_folder": str(TEST_FOLDER / "control"),
        "polling_interval": 0.05,
    }
)
