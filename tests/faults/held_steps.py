"""The product's own steps, one of them held at its most delicate moment: done, not committed.

`tests.faults.held_steps.<name>` is the step of that name in the product's order, whatever it is.
"""

import os
import time
from datetime import date
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from common.jobs.steps import Counts, Step

PATIENCE = 60


def __getattr__(name: str) -> Step:
    for path in settings.PRODUCT_STEPS:
        if path.rsplit(".", 1)[1] == name:
            return held(import_string(path))
    raise AttributeError(name)


def held(step: Step) -> Step:
    """The same step; it waits at its end while the file `hold` names it."""

    def work(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
        counts = step(business_date, first_member_id, last_member_id)
        wait_while_held(step.name)
        return counts

    work.__name__ = step.name
    twin = Step(work, is_ranged=step.is_ranged)
    twin.guard_path, twin.is_latest_only = step.guard_path, step.is_latest_only
    return twin


def wait_while_held(name: str) -> None:
    folder = Path(os.environ["TEST_FOLDER"])
    deadline = time.monotonic() + PATIENCE
    while is_held(folder / "hold", name):
        (folder / "inside").touch()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_held(file: Path, name: str) -> bool:
    try:
        return file.read_text() == name
    except FileNotFoundError:
        return False
