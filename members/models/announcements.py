"""What operators tell a segment: written, looked at with its count, sent to each member once."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import in_active_language
from common.models.ranges import MemberRange, MemberRangeQuerySet, running_has_owner

from .segments import Segment


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def unfinished(self) -> Self:
        """Confirmed and not done yet, the oldest first."""
        return self.filter(status=Announcement.Status.SENDING).order_by("id")

    def stuck(self) -> Self:
        """Those with a range that has failed for good and none that anybody may still do."""
        ranges = AnnouncementRange.objects.filter(announcement=OuterRef("pk"))
        return self.unfinished().filter(Exists(ranges.given_up()), ~Exists(ranges.to_be_done()))


class Announcement(models.Model):
    """One message to a segment in both languages. Its words never change once they are written.

    It goes to the active members who are in the segment on `business_date`, the day on which it
    was confirmed; `told` is how many have got it so far or at last.
    """

    class Status(models.TextChoices):
        WRITTEN = "written", _("Waits to be sent")
        SENDING = "sending", _("Being sent")
        DONE = "done", _("Sent")
        FAILED = "failed", _("Stopped by an error")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    key = models.CharField(_("key"), max_length=64, unique=True)
    segment = models.ForeignKey(
        Segment, models.PROTECT, verbose_name=_("segment"), related_name="announcements"
    )
    title_en = models.CharField(_("title in English"), max_length=120)
    title_zh = models.CharField(_("title in Chinese"), max_length=120)
    body_en = models.TextField(_("text in English"), max_length=1000)
    body_zh = models.TextField(_("text in Chinese"), max_length=1000)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("written by"), related_name="+"
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("sent by"),
        related_name="+",
    )
    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.WRITTEN
    )
    created_at = models.DateTimeField(_("written at"), default=clock.now)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    business_date = models.DateField(_("business date"), null=True, blank=True)
    ranges_total = models.PositiveIntegerField(_("ranges"), default=0)
    ranges_done = models.PositiveIntegerField(_("ranges done"), default=0)
    told = models.PositiveIntegerField(_("members told"), default=0)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints = [
            models.CheckConstraint(
                condition=~Q(title_en="") & ~Q(title_zh="") & ~Q(body_en="") & ~Q(body_zh=""),
                name="announcement_says_something_in_both",
            ),
            models.CheckConstraint(
                condition=Q(ranges_done__lte=F("ranges_total")),
                name="announcement_progress_within_total",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["written", "withdrawn"], confirmed_at__isnull=True)
                | Q(
                    status__in=["sending", "failed"],
                    confirmed_at__isnull=False,
                    business_date__isnull=False,
                    sender__isnull=False,
                )
                | Q(
                    status="done",
                    confirmed_at__isnull=False,
                    business_date__isnull=False,
                    sender__isnull=False,
                    finished_at__isnull=False,
                    ranges_done=F("ranges_total"),
                ),
                name="announcement_status_fits",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return in_active_language(self.title_en, self.title_zh)

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    @property
    def words(self) -> dict[str, Any]:
        """What a notice keeps of it."""
        names = ("title_en", "title_zh", "body_en", "body_zh")
        return {name: getattr(self, name) for name in names}


class AnnouncementRange(MemberRange):
    """A range of members whom an announcement goes to."""

    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="ranges")

    objects = MemberRangeQuerySet["AnnouncementRange"].as_manager()

    class Meta:
        verbose_name = _("range of an announcement")
        verbose_name_plural = _("ranges of announcements")
        indexes = [
            models.Index(fields=["announcement", "status"], name="announcement_range_by_status")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["announcement", "number"], name="announcement_range_once"
            ),
            running_has_owner("announcement_range_running_has_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id}/{super().__str__()}"
