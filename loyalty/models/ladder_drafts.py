"""Drafts of the ladder: written, previewed over all members, then applied or discarded."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import JobStatus
from common.models.jobs import MAX_ATTEMPTS
from members.models import Member

from .tiers import Tier


class LadderDraftQuerySet(models.QuerySet["LadderDraft"]):
    def at_work(self) -> Self:
        """Drafts that workers preview or apply, the oldest first."""
        return self.filter(status__in=LadderDraft.AT_WORK).order_by("id")

    def stuck(self) -> Self:
        """Drafts with a range that has failed for good and none that anybody may still do."""
        ranges = LadderDraftRange.objects.filter(draft=OuterRef("pk"), phase=OuterRef("status"))
        has_failed = Q(status=JobStatus.FAILED, attempts__gte=MAX_ATTEMPTS)
        return self.at_work().filter(
            Exists(ranges.filter(has_failed)),
            ~Exists(ranges.exclude(status=JobStatus.DONE).exclude(has_failed)),
        )


class LadderDraft(models.Model):
    """A ladder as it might be. `base` and `content` read like a version of the ladder.

    `preview` and `applied` hold the same figures: lines by tier before and after. `as_of` is the
    instant of the preview, on whose figures everyone was judged.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Being written")
        PREVIEWING = "previewing", _("Being previewed")
        PREVIEWED = "previewed", _("Waits to be applied")
        APPLYING = "applying", _("Being applied")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped by an error")
        DISCARDED = "discarded", _("Discarded")

    AT_WORK = (Status.PREVIEWING, Status.APPLYING)

    class Downward(models.TextChoices):
        KEEP = "keep", _("Keep present tiers until their validity ends")
        AT_ONCE = "at_once", _("Move everybody at once")

    reason = models.CharField(_("reason"), max_length=500)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("operator"), related_name="+"
    )
    downward = models.CharField(
        _("who would come down"), max_length=7, choices=Downward.choices, default=Downward.KEEP
    )
    base: Any = models.JSONField(_("the ladder before"))
    content: Any = models.JSONField(_("contents"))
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT
    )
    created_at = models.DateTimeField(_("begun"), default=clock.now)
    as_of = models.DateTimeField(_("previewed"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    ranges_total = models.PositiveIntegerField(_("ranges"), default=0)
    ranges_done = models.PositiveIntegerField(_("ranges done"), default=0)
    preview: Any = models.JSONField(_("foreseen"), default=dict, blank=True)
    applied: Any = models.JSONField(_("applied"), default=dict, blank=True)

    objects = LadderDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft of the ladder")
        verbose_name_plural = _("drafts of the ladder")
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="applying"), name="ladderdraft_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ranges_done__lte=F("ranges_total")),
                name="ladderdraft_progress_within_total",
            ),
            models.CheckConstraint(
                condition=Q(status="failed")
                | Q(status__in=["draft", "previewing", "previewed"], confirmed_at__isnull=True)
                | Q(status="discarded", confirmed_at__isnull=True)
                | Q(status="applying", as_of__isnull=False, confirmed_at__isnull=False)
                | Q(
                    status="done",
                    confirmed_at__isnull=False,
                    finished_at__isnull=False,
                    ranges_done=F("ranges_total"),
                ),
                name="ladderdraft_status_fits",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.reason}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None


class LadderDraftRangeQuerySet(models.QuerySet["LadderDraftRange"]):
    def claimable(self, *, stale_before: datetime, dead: list[str]) -> Self:
        """What may be claimed now; the WHERE of every claim, as for ranges of nights."""
        failed = Q(status=JobStatus.FAILED, attempts__lt=MAX_ATTEMPTS)
        stale = Q(claimed_at__lte=stale_before) | Q(claimed_by__in=dead)
        return self.filter(
            Q(status=JobStatus.PENDING) | failed | (Q(status=JobStatus.RUNNING) & stale)
        )

    def unsent(self, *, sent_before: datetime) -> Self:
        """Ranges that no message names, or only one sent so long ago that it may be lost."""
        return self.filter(Q(sent_at__isnull=True) | Q(sent_at__lte=sent_before))


class LadderDraftRange(models.Model):
    """A stretch of member ids of a draft's preview or application, done in one transaction.

    As with ranges of nights, `token` fences: only the owner of the last claim marks it done.
    """

    draft = models.ForeignKey(LadderDraft, models.PROTECT, related_name="ranges")
    phase = models.CharField(_("phase"), max_length=10)
    number = models.PositiveIntegerField(_("number"))
    first_member_id = models.BigIntegerField(_("first member"))
    last_member_id = models.BigIntegerField(_("last member"))
    status = models.CharField(
        _("status"), max_length=8, choices=JobStatus, default=JobStatus.PENDING
    )
    token = models.UUIDField(_("token"), null=True, blank=True, editable=False)
    claimed_by = models.CharField(_("claimed by"), max_length=300, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    counts: Any = models.JSONField(_("counts"), default=dict, blank=True)
    error = models.TextField(_("error"), blank=True)

    objects = LadderDraftRangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("range of a draft")
        verbose_name_plural = _("ranges of drafts")
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "phase", "number"], name="ladderdraft_range_once"
            ),
            models.CheckConstraint(
                condition=~Q(status="running")
                | Q(token__isnull=False, claimed_at__isnull=False) & ~Q(claimed_by=""),
                name="ladderdraft_range_running_has_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id}/{self.number}: {self.first_member_id}–{self.last_member_id}"


class LadderMove(models.Model):
    """A member whom the draft would move, as its preview found it; `to_code` may be a new rung."""

    draft = models.ForeignKey(LadderDraft, models.PROTECT, related_name="moves")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    from_tier = models.ForeignKey(Tier, models.PROTECT, related_name="+")
    to_code = models.CharField(_("tier"), max_length=30)
    is_up = models.BooleanField(_("goes up"))

    class Meta:
        verbose_name = _("move of a draft")
        verbose_name_plural = _("moves of drafts")
        constraints = [
            models.UniqueConstraint(fields=["draft", "member"], name="laddermove_once_per_member"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.from_tier} → {self.to_code}"
