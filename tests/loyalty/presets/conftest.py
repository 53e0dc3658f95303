"""Nights of these tests are not the first: nothing is waived, everything is told before."""

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _no_first_night(settings: Settings) -> None:
    settings.NIGHTLY_WAIVES_FIRST_EXPIRY = False
    settings.NIGHTLY_WAIVES_FIRST_DOWNGRADE = False
