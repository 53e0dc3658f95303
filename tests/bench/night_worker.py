"""A worker of a night's steps: `python -m tests.bench.night_worker STEP,STEP 2025-01-31`."""

import sys
from datetime import date
from typing import Any

import django

django.setup()

from django.test import override_settings  # noqa: E402

from common.jobs.nights import run_nights  # noqa: E402
from common.jobs.steps import nightly_steps  # noqa: E402

from .processes import work_when_told  # noqa: E402


def night() -> dict[str, Any]:
    with override_settings(NIGHTLY_STEPS=sys.argv[1].split(",")):
        report = run_nights(date.fromisoformat(sys.argv[2]))
    assert report.is_complete, report.failed and report.failed.error
    return {"counts": report.totals()}


if __name__ == "__main__":
    nightly_steps()  # A worker of Celery has loaded its steps long before the night.
    work_when_told(night)
