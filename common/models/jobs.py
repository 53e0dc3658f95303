"""The job ledger: which step ran for which business date, range by range."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from .ranges import JobStatus, MemberRange, MemberRangeQuerySet, running_has_owner

RANGE_STATUSES = [choice for choice in JobStatus.choices if choice[0] != JobStatus.HELD]


class JobRunQuerySet(models.QuerySet["JobRun"]):
    def current(self) -> JobRunQuerySet:
        """Every run of the last business date that was opened, and older unfinished ones."""
        dates = JobRun.objects.order_by("-business_date").values("business_date")
        return self.filter(Q(business_date=dates[:1]) | ~Q(status=JobStatus.DONE)).order_by(
            "business_date", "pk"
        )

    def unfinished(self) -> JobRunQuerySet:
        """Every run that is not done, in the order of the nights."""
        return self.exclude(status=JobStatus.DONE).order_by("business_date", "pk")

    def repeated(self) -> JobRunQuerySet:
        """Runs that were done once and that an operator had run again."""
        return self.filter(attempts_before__status=JobStatus.DONE)

    def stuck(self) -> JobRunQuerySet:
        """Runs with a failed range and none that is waiting or being worked on."""
        ranges = JobRange.objects.filter(run=OuterRef("pk"))
        return self.exclude(status=JobStatus.DONE).filter(
            Exists(ranges.filter(status=JobStatus.FAILED)),
            ~Exists(ranges.filter(status__in=[JobStatus.PENDING, JobStatus.RUNNING])),
        )


class JobRun(models.Model):
    """One step of one business date. `counts` are the sums of its ranges' counts.

    While `is_cleared` is false nobody may claim a range: the step's guard has not been asked yet,
    or it holds the run.
    """

    step = models.CharField(_("step"), max_length=80)
    business_date = models.DateField(_("business date"))
    status = models.CharField(
        _("status"), max_length=8, choices=JobStatus, default=JobStatus.PENDING
    )
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    ranges_total = models.PositiveIntegerField(_("ranges"), default=0)
    ranges_done = models.PositiveIntegerField(_("ranges done"), default=0)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    is_cleared = models.BooleanField(_("let through"), default=True, editable=False)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        constraints = [
            models.UniqueConstraint(
                fields=["step", "business_date"], name="common_jobrun_once_per_date"
            ),
            models.UniqueConstraint(
                fields=["step"],
                condition=~Q(status="done"),
                name="common_jobrun_one_open_date_per_step",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "running", "done", "failed", "held"]),
                name="common_jobrun_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="pending")
                | Q(status="held", is_cleared=False)
                | Q(status__in=["running", "done", "failed"], is_cleared=True),
                name="common_jobrun_runs_when_cleared",
            ),
            models.CheckConstraint(
                condition=Q(ranges_done__lte=F("ranges_total")),
                name="common_jobrun_progress_within_total",
            ),
            models.CheckConstraint(
                condition=~Q(status="done")
                | Q(finished_at__isnull=False, ranges_done=F("ranges_total")),
                name="common_jobrun_done_is_complete",
            ),
        ]
        indexes = [models.Index(fields=["-business_date", "id"], name="common_jobrun_by_date")]

    def __str__(self) -> str:
        return f"{self.step_name} {self.business_date:%Y-%m-%d}"

    @property
    def step_name(self) -> str:
        """What operators call the step."""
        return str(settings.NIGHTLY_STEP_NAMES.get(self.step, self.step))

    @property
    def is_done(self) -> bool:
        return self.status == JobStatus.DONE

    @property
    def is_held(self) -> bool:
        return self.status == JobStatus.HELD


class JobRangeQuerySet(MemberRangeQuerySet["JobRange"]):
    def claimable(
        self, *, stale_before: datetime, dead: Collection[str], is_asked: bool = False
    ) -> Self:
        """The same, but none of a run that its guard has not let through, whatever names them."""
        cleared = JobRun.objects.filter(pk=OuterRef("run"), is_cleared=True)
        ranges = super().claimable(stale_before=stale_before, dead=dead, is_asked=is_asked)
        return ranges.filter(Exists(cleared))


class JobRange(MemberRange):
    """A range of a night's step. A whole step has the one range from 0 to 0."""

    run = models.ForeignKey(
        JobRun, verbose_name=_("run"), on_delete=models.PROTECT, related_name="ranges"
    )
    status = models.CharField(
        _("status"), max_length=8, choices=RANGE_STATUSES, default=JobStatus.PENDING
    )

    objects = JobRangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("job range")
        verbose_name_plural = _("job ranges")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "number"], name="common_jobrange_number_unique_in_run"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "running", "done", "failed"]),
                name="common_jobrange_status_known",
            ),
            models.CheckConstraint(
                condition=Q(first_member_id__lte=F("last_member_id")),
                name="common_jobrange_first_not_after_last",
            ),
            running_has_owner("common_jobrange_running_has_owner"),
            models.CheckConstraint(
                condition=~Q(status__in=["done", "failed"]) | Q(finished_at__isnull=False),
                name="common_jobrange_finished_has_instant",
            ),
        ]
        indexes = [models.Index(fields=["run", "status"], name="common_jobrange_by_status")]

    def __str__(self) -> str:
        return f"{self.run_id}/{super().__str__()}"
