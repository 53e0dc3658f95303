"""Settings of the processes that a measurement starts: the test's own."""

from config.settings.test import *  # noqa: F403
