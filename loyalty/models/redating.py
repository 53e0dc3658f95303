"""Re-date runs: an operator gives lots that are out another validity."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models.ranges import MemberRange, MemberRangeQuerySet, running_has_owner
from common.periods import PeriodField

from .points import PointType


class RedateRunQuerySet(models.QuerySet["RedateRun"]):
    def unfinished(self) -> Self:
        """Confirmed and not done yet, the oldest first."""
        return self.filter(status=RedateRun.Status.APPLYING).order_by("id")

    def stuck(self) -> Self:
        """Runs with a range that has failed for good and none that anybody may still do."""
        ranges = RedateRange.objects.filter(run=OuterRef("pk"))
        return self.unfinished().filter(Exists(ranges.given_up()), ~Exists(ranges.to_be_done()))


class RedateRun(models.Model):
    """One re-dating: which lots, to which period, what was foreseen and what came of it.

    `preview` and `applied` hold the same figures: totals, and lines by old and new last valid day.
    """

    class Status(models.TextChoices):
        PREVIEWED = "previewed", _("Waits to be confirmed")
        APPLYING = "applying", _("Being applied")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped by an error")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    key = models.CharField(_("key"), max_length=64, unique=True)
    point_type = models.ForeignKey(
        PointType, models.PROTECT, verbose_name=_("kind of points"), related_name="redatings"
    )
    only_policy = models.CharField(_("only lots with the validity"), max_length=40, blank=True)
    earned_from = models.DateField(_("earned from"), null=True, blank=True)
    earned_until = models.DateField(_("earned until"), null=True, blank=True)
    expiry = PeriodField(_("new validity"))
    reason = models.CharField(_("reason"), max_length=500)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("operator"), related_name="+"
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PREVIEWED
    )
    created_at = models.DateTimeField(_("previewed"), default=clock.now)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    ranges_total = models.PositiveIntegerField(_("ranges"), default=0)
    ranges_done = models.PositiveIntegerField(_("ranges done"), default=0)
    preview: Any = models.JSONField(_("foreseen"), default=dict, blank=True)
    applied: Any = models.JSONField(_("applied"), default=dict, blank=True)

    objects = RedateRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("re-date run")
        verbose_name_plural = _("re-date runs")
        constraints = [
            models.UniqueConstraint(
                fields=["point_type"],
                condition=Q(status__in=["applying", "failed"]),
                name="redate_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ranges_done__lte=F("ranges_total")),
                name="redate_progress_within_total",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["previewed", "withdrawn"], confirmed_at__isnull=True)
                | Q(status__in=["applying", "failed"], confirmed_at__isnull=False)
                | Q(
                    status="done",
                    confirmed_at__isnull=False,
                    finished_at__isnull=False,
                    ranges_done=F("ranges_total"),
                ),
                name="redate_status_fits",
            ),
            models.CheckConstraint(
                condition=Q(earned_from__isnull=True)
                | Q(earned_until__isnull=True)
                | Q(earned_from__lte=F("earned_until")),
                name="redate_earned_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.expiry}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None


class RedateRange(MemberRange):
    """A range of a run."""

    run = models.ForeignKey(RedateRun, models.PROTECT, related_name="ranges")

    objects = MemberRangeQuerySet["RedateRange"].as_manager()

    class Meta:
        verbose_name = _("range of a re-date run")
        verbose_name_plural = _("ranges of re-date runs")
        indexes = [models.Index(fields=["run", "status"], name="redate_range_by_status")]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="redate_range_once"),
            running_has_owner("redate_range_running_has_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{super().__str__()}"
