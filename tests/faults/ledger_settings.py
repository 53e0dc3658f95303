"""Settings of processes that run the held expiry over real members."""

from tests.nights.settings import *  # noqa: F403

NIGHTLY_POPULATION = "members.jobs.population"
NIGHTLY_STEPS = ["tests.faults.held_jobs.expire_points"]
NIGHTLY_RANGE_SIZE = 2
