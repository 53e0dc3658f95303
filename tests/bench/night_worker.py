"""A worker of one night: `python -m tests.bench.night_worker 2025-01-31`."""

import sys
from datetime import date
from typing import Any

import django

django.setup()

from common.jobs.nights import run_nights  # noqa: E402

from .processes import work_when_told  # noqa: E402


def night() -> dict[str, Any]:
    report = run_nights(date.fromisoformat(sys.argv[1]))
    assert report.is_complete, report.failed and report.failed.error
    return {"counts": report.totals()}


if __name__ == "__main__":
    work_when_told(night)
