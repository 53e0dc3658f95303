"""Fixtures for tests that run nights: a module that needs one imports it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from . import steps


@pytest.fixture(name="nights")
def nights_fixture(settings: Any, db: None) -> Iterator[Any]:
    """Three steps over 30 members in ranges of ten, with a table that takes their effects.

    Gives the settings, for a test to change the steps.
    """
    settings.PROGRAMME_TIMEZONE = "Asia/Shanghai"
    settings.NIGHTLY_POPULATION = "tests.nights.steps.population"
    settings.NIGHTLY_RANGE_SIZE = 10
    steps.world.members = 30
    steps.world.price = 0
    steps.world.is_guard_broken = False
    use_steps(settings, "greet", "summarise", "reward")
    steps.calls.clear()
    steps.cursed.clear()
    steps.gate.clear()
    steps.entered.clear()
    with connection.cursor() as cursor:
        cursor.execute(steps.DROP)
        cursor.execute(steps.CREATE)
    yield settings
    with connection.cursor() as cursor:
        cursor.execute(steps.DROP)


def use_steps(settings: Any, *names: str) -> None:
    settings.NIGHTLY_STEPS = [f"tests.nights.steps.{name}" for name in names]
