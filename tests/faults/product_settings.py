"""Settings of processes that run the product's own nights over real members, held on demand."""

from config.settings.base import NIGHTLY_STEPS as PRODUCT_STEPS
from tests.nights.settings import *  # noqa: F403

NIGHTLY_POPULATION = "members.jobs.population"
NIGHTLY_EARLIEST = "members.jobs.earliest_night"
NIGHTLY_STEPS = [f"tests.faults.held_steps.{path.rsplit('.', 1)[1]}" for path in PRODUCT_STEPS]
NIGHTLY_RANGE_SIZE = 2
