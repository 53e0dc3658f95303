"""Work over all members that an operator asked for: done in ranges, with progress."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock

from .health import HealthVersion
from .segments import SegmentRule


class MemberRunQuerySet(models.QuerySet["MemberRun"]):
    def unfinished(self) -> Self:
        """Runs that workers may go on with, the oldest first."""
        return self.filter(status=MemberRun.Status.WORKING).order_by("pk")

    def claimed(self) -> Self:
        """The row as a lock on its next range; somebody else's is passed by."""
        return self.unfinished().select_for_update(of=("self",), skip_locked=True)


class MemberRun(models.Model):
    """One walk over all members. `last_member_id` is the last that is done.

    A range is worked on in one transaction with the mark: whoever goes on after an interruption
    goes on exactly there.
    """

    class Kind(models.TextChoices):
        SEGMENT = "segment", _("compute a segment")
        HEALTH = "health", _("judge by a new version of the health score")

    class Status(models.TextChoices):
        WORKING = "working", _("being worked on")
        DONE = "done", _("done")
        FAILED = "failed", _("stopped by an error")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    rule = models.ForeignKey(
        SegmentRule,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="runs",
        verbose_name=_("segment"),
    )
    version = models.ForeignKey(
        HealthVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="runs",
        verbose_name=_("version of the health score"),
    )
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.WORKING
    )
    business_date = models.DateField(_("business date"))
    members_total = models.PositiveIntegerField(_("members"))
    members_done = models.PositiveIntegerField(_("members looked at"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    last_member_id = models.BigIntegerField(_("last member"), default=0)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("operator"),
    )
    created_at = models.DateTimeField(_("asked at"), default=clock.now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    objects = MemberRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run over members")
        verbose_name_plural = _("runs over members")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="segment", rule__isnull=False, version__isnull=True)
                | Q(kind="health", rule__isnull=True, version__isnull=False),
                name="memberrun_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("working", "failed"), finished_at__isnull=True)
                | Q(status="done", finished_at__isnull=False),
                name="memberrun_finished_when_done",
            ),
            models.UniqueConstraint(
                fields=["rule"],
                condition=Q(status="working"),
                name="memberrun_one_at_a_time_for_a_segment",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(status="working"), name="memberrun_unfinished"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.rule or self.version}"

    @property
    def is_done(self) -> bool:
        return self.status == self.Status.DONE
