"""Nights in this process: what `run_nightly` does, sharing the work with whoever is at it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db import OperationalError

from common.models import GuardCheck, JobRange, JobRun, JobStatus

from .claims import claimable, is_busy
from .dates import check_reachable
from .guards import held_check
from .ranges import Outcome, run_range
from .runs import next_run
from .steps import Counts

Watch = Callable[[JobRun], None]

POLL_SECONDS = 0.1
# Past its staleness a range held by others becomes claimable, so waiting longer is hopeless.
EXTRA_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class StepReport:
    """A step that was finished while we were at it, by us or by others."""

    step: str
    business_date: date
    ranges: int
    counts: Counts


@dataclass
class NightReport:
    """What `run_nights` saw done, and what stopped it.

    `failed` is the range whose error stopped the nights; `guard` is what holds them until an
    operator confirms; `is_held` says that others kept ranges for longer than anyone may without
    finishing them.
    """

    until: date
    steps: list[StepReport] = field(default_factory=list)
    failed: JobRange | None = None
    is_held: bool = False
    guard: GuardCheck | None = None

    @property
    def is_complete(self) -> bool:
        return self.failed is None and self.guard is None and not self.is_held

    @property
    def dates(self) -> list[date]:
        """The dates that were worked on, in order."""
        return sorted({step.business_date for step in self.steps})

    def totals(self) -> dict[str, Counts]:
        """Counts by step, summed over the dates."""
        totals: dict[str, Counts] = {}
        for report in self.steps:
            total = totals.setdefault(report.step, {})
            for name, count in report.counts.items():
                total[name] = total.get(name, 0) + count
        return totals


def run_nights(until: date, *, watch: Watch = lambda run: None) -> NightReport:
    """Run every night that is missing up to a date, in order, and return when they are done.

    An operator's word: no guard on how many, but a step's own guard holds here too. The first
    night ever is `until`. Refuses a date that has not come (NightNotReached) and one before the
    first night (NightBeforeFirst). A range that fails, or had failed before, is tried once more;
    if it fails again the nights stop there.
    `watch` is told of a run after each of its ranges.
    """
    check_reachable(until)
    report = NightReport(until)
    patience = _Patience()
    while report.is_complete:
        try:
            run = next_run(until)
        except OperationalError as error:
            if not is_busy(error):
                raise
            report.is_held = not patience.wait()
            continue
        if run is None:
            break
        if run.is_held:
            report.guard = held_check(run)
            break
        _finish(run, report, watch)
    return report


def _finish(run: JobRun, report: NightReport, watch: Watch) -> None:
    shift = _Shift(run, watch)
    if shift.work():
        report.steps.append(StepReport(run.step, run.business_date, run.ranges_total, run.counts))
    else:
        report.failed = run.ranges.filter(status=JobStatus.FAILED).order_by("number").first()
        report.is_held = report.failed is None


class _Shift:
    """Our part in one run: do what can be claimed, retry once, wait for what others hold."""

    def __init__(self, run: JobRun, watch: Watch) -> None:
        self.run = run
        self.watch = watch
        self.retried: set[int] = set()

    def work(self) -> bool:
        """Whether the run is done; if not, a range of it failed or is held."""
        patience = _Patience()
        self.watch(self.run)
        while not self.run.is_done:
            before = self.run.ranges_done
            if not self._do_what_we_can():
                is_over = self._is_hopeless() or not patience.wait()
                self._refresh()
                if is_over:
                    return self.run.is_done
            if self.run.ranges_done > before:
                patience.renew()
        return True

    def _do_what_we_can(self) -> bool:
        did_any = False
        for range_id in self._workable():
            if run_range(range_id, is_asked=True) is not Outcome.NOT_OURS:
                did_any = True
                self._refresh()
        return did_any

    def _workable(self) -> list[int]:
        ranges = claimable(self.run.pk, is_asked=True).values_list("pk", "status")
        failed = {pk for pk, status in ranges if status == JobStatus.FAILED}
        workable = [pk for pk, status in ranges if pk not in failed & self.retried]
        self.retried |= failed
        return workable

    def _is_hopeless(self) -> bool:
        """Whether nothing is left but ranges that failed again in our hands."""
        unfinished = self.run.ranges.exclude(status=JobStatus.DONE).values_list("pk", "status")
        return all(status == JobStatus.FAILED and pk in self.retried for pk, status in unfinished)

    def _refresh(self) -> None:
        self.run.refresh_from_db()
        self.watch(self.run)


class _Patience:
    """Short waits that add up to no more than a range may be held."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        limit = settings.NIGHTLY_STALE_AFTER_SECONDS + EXTRA_PATIENCE_SECONDS
        self.deadline = time.monotonic() + limit

    def wait(self) -> bool:
        """Wait a little, or say that it has been long enough."""
        if time.monotonic() > self.deadline:
            return False
        time.sleep(POLL_SECONDS)
        return True
