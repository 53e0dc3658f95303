"""The page of one night: its steps in order, how far each is, and what an operator can do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Max, Min
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from common import clock
from common.jobs.guards import held_check
from common.jobs.steps import nightly_steps
from common.models import GuardCheck, JobRange, JobRun, JobStatus, LedgerProof

from .columns import (
    counts_text,
    duration_text,
    figures_text,
    guard_text,
    progress_bar,
    state,
    traceback_text,
)

STATUS_LOOKS = {
    JobStatus.PENDING.value: "note",
    JobStatus.RUNNING.value: "busy",
    JobStatus.DONE.value: "good",
    JobStatus.FAILED.value: "bad",
    JobStatus.HELD.value: "bad",
}
# Tracebacks shown of one night's failed ranges; each run's own page has all of them.
MOST_ERRORS = 20


@dataclass(frozen=True)
class Way:
    """A link to a form page on which an operator acts."""

    name: str
    address: str


def shown_status(run: JobRun) -> SafeString:
    return state(run.get_status_display(), STATUS_LOOKS[run.status])


def shown_duration(run: JobRun) -> str | None:
    """How long the run took, or has been at it."""
    is_running = run.status == JobStatus.RUNNING
    return duration_text(run.started_at, clock.now() if is_running else run.finished_at)


def ways_of(run: JobRun, *, has_failed: bool) -> list[str]:
    """What may be done to a run as it stands, by the names of the form pages."""
    if run.is_held:
        return ["confirm"]
    if run.is_done:
        return ["run_again"]
    return ["resume"] if has_failed else []


def night_context(night: date, *, may_operate: bool, may_confirm: bool) -> dict[str, Any]:
    """What the page shows of a night; `steps` is empty where it has not been opened."""
    order = [step.name for step in nightly_steps()]
    runs = sorted(
        JobRun.objects.filter(business_date=night),
        key=lambda run: order.index(run.step) if run.step in order else len(order),
    )
    failed = _failed_ranges(runs)
    allowed = {"resume": may_operate, "run_again": may_operate, "confirm": may_confirm}
    nights = JobRun.objects
    return {
        "steps": [_step(run, failed.get(run.pk, []), allowed) for run in runs],
        "is_running": any(run.status == JobStatus.RUNNING for run in runs),
        "before": nights.filter(business_date__lt=night).aggregate(day=Max("business_date"))["day"],
        "after": nights.filter(business_date__gt=night).aggregate(day=Min("business_date"))["day"],
        "proof": LedgerProof.objects.filter(business_date=night).order_by("-pk").first(),
    }


def _failed_ranges(runs: list[JobRun]) -> dict[int, list[JobRange]]:
    failed: dict[int, list[JobRange]] = {}
    ranges = JobRange.objects.filter(run__in=runs, status=JobStatus.FAILED)
    for row in ranges.order_by("run", "number"):
        failed.setdefault(row.run_id, []).append(row)
    return failed


def _step(run: JobRun, failed: list[JobRange], allowed: dict[str, bool]) -> dict[str, Any]:
    names = ways_of(run, has_failed=bool(failed))
    check = held_check(run)
    return {
        "run": run,
        "state": shown_status(run),
        "progress": progress_bar(run.ranges_done, run.ranges_total),
        "duration": shown_duration(run),
        "counts": counts_text(run.counts),
        "guard": check_text(check, check.figures) if check else "",
        "held_rows": settings.NIGHTLY_GUARD_PAGES.get(check.name) if check else None,
        "errors": [range_error(row) for row in failed[:MOST_ERRORS]],
        "unseen_errors": len(failed[MOST_ERRORS:]),
        "ways": [_way(run, name) for name in names if allowed[name]],
    }


def _way(run: JobRun, name: str) -> Way:
    words = {
        "resume": gettext("Resume"),
        "run_again": gettext("Run again"),
        "confirm": gettext("Look and confirm"),
    }
    return Way(words[name], reverse(f"admin:common_jobrun_{name}", args=[run.pk]))


def check_text(check: GuardCheck, figures: Mapping[str, int | str | None]) -> str:
    """What a guard objects to, in a sentence with its figures."""
    told = {"guard": guard_text(check.name), "figures": figures_text(figures)}
    return gettext("%(guard)s: %(figures)s.") % told


def range_error(row: JobRange) -> SafeString | None:
    """The error of a range, folded under its members."""
    stretch = f"{row.first_member_id} – {row.last_member_id}"
    return traceback_text(gettext("Members %(stretch)s") % {"stretch": stretch}, row.error)
