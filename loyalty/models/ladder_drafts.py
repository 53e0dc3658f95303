"""Drafts of the ladder: written, previewed over all members, then applied or discarded."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models.ranges import MemberRange, MemberRangeQuerySet, running_has_owner
from members.models import Member

from .tiers import Tier


class LadderDraftQuerySet(models.QuerySet["LadderDraft"]):
    def at_work(self) -> Self:
        """Drafts that workers preview or apply, the oldest first."""
        return self.filter(status__in=LadderDraft.AT_WORK).order_by("id")

    def under_way(self) -> Self:
        """Drafts that are in force while members may still have to be moved by them."""
        return self.filter(confirmed_at__isnull=False).exclude(status=LadderDraft.Status.DONE)

    def stuck(self) -> Self:
        """Drafts with a range that has failed for good and none that anybody may still do."""
        ranges = LadderDraftRange.objects.filter(draft=OuterRef("pk"), phase=OuterRef("status"))
        return self.at_work().filter(Exists(ranges.given_up()), ~Exists(ranges.to_be_done()))


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


class LadderDraftRange(MemberRange):
    """A range of a draft's preview or application."""

    draft = models.ForeignKey(LadderDraft, models.PROTECT, related_name="ranges")
    phase = models.CharField(_("phase"), max_length=10)

    objects = MemberRangeQuerySet["LadderDraftRange"].as_manager()

    class Meta:
        verbose_name = _("range of a draft")
        verbose_name_plural = _("ranges of drafts")
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "phase", "number"], name="ladderdraft_range_once"
            ),
            running_has_owner("ladderdraft_range_running_has_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id}/{super().__str__()}"


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
