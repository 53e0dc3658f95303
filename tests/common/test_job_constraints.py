"""The database itself keeps the job ledger true."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common import clock
from common.models import JobRange, JobRun

pytestmark = pytest.mark.django_db
NIGHT = date(2025, 3, 1)


def assert_refused(constraint: str, model: type[JobRun] | type[JobRange], **values: Any) -> None:
    before = model.objects.count()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.create(**values)
    assert model.objects.count() == before


def done(**values: Any) -> dict[str, Any]:
    return {"status": "done", "finished_at": clock.now(), **values}


def test_refuses_a_step_twice_for_a_date() -> None:
    JobRun.objects.create(step="greet", business_date=NIGHT, **done())
    # SQLite names the columns where PostgreSQL names the constraint.
    names = "common_jobrun_once_per_date|common_jobrun.step, common_jobrun.business_date"
    assert_refused(names, JobRun, step="greet", business_date=NIGHT, **done())


def test_refuses_two_open_dates_of_a_step() -> None:
    JobRun.objects.create(step="greet", business_date=NIGHT, status="failed")
    with pytest.raises(IntegrityError), transaction.atomic():
        JobRun.objects.create(step="greet", business_date=date(2025, 3, 2))
    JobRun.objects.create(step="reward", business_date=date(2025, 3, 2))
    assert JobRun.objects.count() == 2


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("common_jobrun_(status_known|runs_when_cleared)", {"status": "paused"}),
        ("common_jobrun_progress_within_total", {"ranges_total": 1, "ranges_done": 2}),
        ("common_jobrun_done_is_complete", {"status": "done"}),
        ("common_jobrun_done_is_complete", done(ranges_total=2, ranges_done=1)),
    ],
)
def test_refuses_an_impossible_run(constraint: str, values: dict[str, Any]) -> None:
    assert_refused(constraint, JobRun, step="greet", business_date=NIGHT, **values)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("common_jobrange_status_known", {"status": "paused"}),
        ("common_jobrange_first_not_after_last", {"first_member_id": 2, "last_member_id": 1}),
        ("common_jobrange_running_has_owner", {"status": "running"}),
        ("common_jobrange_finished_has_instant", {"status": "done"}),
        ("common_jobrange_finished_has_instant", {"status": "failed"}),
    ],
)
def test_refuses_an_impossible_range(constraint: str, values: dict[str, Any]) -> None:
    run = JobRun.objects.create(step="greet", business_date=NIGHT, ranges_total=1)
    ids = {"first_member_id": 1, "last_member_id": 10}
    assert_refused(constraint, JobRange, run=run, number=1, **ids | values)
