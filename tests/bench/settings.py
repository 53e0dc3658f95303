"""Settings of the processes that a measurement starts: the test's own, and one step a night."""

from config.settings.test import *  # noqa: F403

NIGHTLY_STEPS = ["loyalty.jobs.expire_points"]
