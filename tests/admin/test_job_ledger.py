"""Operators see how far the nights are and what went wrong in them."""

from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from common.models import JobRange, JobRun, JobStatus
from tests.loyalty.programmes import local

from .rows import night_run

NOW = local(2025, 3, 1, 2)
TRACEBACK = 'Traceback (most recent call last):\n  File "x.py"\nValueError: <broken> & bent'


@pytest.fixture
def failed(db: None) -> JobRun:
    run = JobRun.objects.create(
        step="expire_points",
        business_date=date(2025, 3, 1),
        status=JobStatus.FAILED,
        started_at=NOW,
        ranges_total=4,
        ranges_done=1,
        counts={"lots": 3, "points": 1200},
    )
    for number, status in enumerate(["done", "failed", "pending", "pending"], start=1):
        JobRange.objects.create(
            run=run,
            number=number,
            first_member_id=number * 10,
            last_member_id=number * 10 + 9,
            status=status,
            finished_at=None if status == "pending" else NOW,
            error=TRACEBACK if status == "failed" else "",
        )
    return run


def test_shows_the_traceback_of_a_failed_range_first(desk: Client, failed: JobRun) -> None:
    page = desk.get(reverse("admin:common_jobrun_change", args=[failed.pk])).content.decode()
    assert "ValueError: &lt;broken&gt; &amp; bent" in page
    assert page.index("20 – 29") < page.index("10 – 19")


def test_shows_progress_counts_and_state(desk: Client, failed: JobRun) -> None:
    page = desk.get(reverse("admin:common_jobrun_changelist")).content.decode()
    assert "Expire points" in page
    assert '<span style="width: 25%"></span></span> 1 / 4' in page
    assert "points lots 3 · points 1,200" in page
    assert '<span class="state state-bad">failed</span>' in page


def test_says_how_long_a_run_took(desk: Client, failed: JobRun) -> None:
    JobRun.objects.filter(pk=failed.pk).update(finished_at=local(2025, 3, 1, 3, 2, 5))
    page = desk.get(reverse("admin:common_jobrun_changelist")).content.decode()
    assert "1:02:05" in page


@pytest.mark.parametrize(("day", "is_told"), [(1, False), (2, True)])
def test_says_when_nights_wait_for_an_operator(desk: Client, day: int, is_told: bool) -> None:
    night_run(0)
    with time_machine.travel(local(2025, 2, day, 12), tick=False):
        page = desk.get(reverse("admin:common_jobrun_changelist")).content.decode()
    assert ("32 nights are owed" in page) is is_told


def test_shows_last_night_on_the_first_page(desk: Client, failed: JobRun) -> None:
    page = desk.get(reverse("admin:index")).content.decode()
    assert "Last night" in page
    assert "state-bad" in page
