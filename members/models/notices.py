"""What members are told, and how it reaches them outside the portal."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common import clock

from .consents import Consent
from .people import Member


class NoticeQuerySet(models.QuerySet["Notice"]):
    def for_member(self, member: Member) -> Self:
        """The inbox: newest first."""
        return self.filter(member=member).order_by("-pk")

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def unread_of_login(self) -> Coalesce:
        """How many are unread, as a column of a query over logins: every page asks for it."""
        unread = self.unread().filter(member__user=OuterRef("pk")).order_by()
        counted = unread.values("member").annotate(count=Count("pk")).values("count")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    def undispatched(self) -> Self:
        """Notices that no channel has been asked to carry yet, oldest first."""
        return self.filter(dispatched_at__isnull=True).order_by("pk")


class Notice(models.Model):
    """One message to a member, written in one transaction with what caused it.

    A fact, not a text: `kind` and `params` become words in the reader's language whenever they
    are shown. `key` says what it is about; a member gets one notice for each key. Always in the
    portal's inbox; `dispatched_at` is when the other channels were asked to carry it.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="notices")
    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(_("key"), max_length=200)
    params = models.JSONField(_("details"), default=dict, blank=True)
    business_date = models.DateField(_("business date"))
    created_at = models.DateTimeField(_("written at"), default=clock.now)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    dispatched_at = models.DateTimeField(_("given to the channels at"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], name="notice_once_per_key"),
            models.CheckConstraint(condition=~Q(kind=""), name="notice_kind_given"),
            models.CheckConstraint(condition=~Q(key=""), name="notice_key_given"),
        ]
        indexes = [
            models.Index(fields=["member", "id"], name="notice_inbox"),
            models.Index(
                fields=["member"], condition=Q(read_at__isnull=True), name="notice_unread"
            ),
            models.Index(
                fields=["id"], condition=Q(dispatched_at__isnull=True), name="notice_undispatched"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def is_unread(self) -> bool:
        return self.read_at is None


class NoticeDeliveryQuerySet(models.QuerySet["NoticeDelivery"]):
    def due(self, *, claimed_before: datetime) -> Self:
        """Deliveries that nobody has in hand: not tried yet, or tried a while ago."""
        return self.filter(
            Q(claimed_at__isnull=True) | Q(claimed_at__lte=claimed_before),
            status=NoticeDelivery.Status.PENDING,
        ).order_by("pk")


class NoticeDelivery(models.Model):
    """One notice on its way through one channel: claimed, then sent, failed or skipped."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        SKIPPED = "skipped", _("not sent")

    # A delivery means nothing without its notice.
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.CharField(_("channel"), max_length=6, choices=Consent.Channel.choices)
    status = models.CharField(
        _("status"), max_length=7, choices=Status.choices, default=Status.PENDING
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claimed_at = models.DateTimeField(_("last tried at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    objects = NoticeDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery of a notice")
        verbose_name_plural = _("deliveries of notices")
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="delivery_once_per_channel"),
            models.CheckConstraint(
                condition=Q(channel__in=("email", "sms", "wechat")), name="delivery_channel_carries"
            ),
            models.CheckConstraint(
                condition=Q(status__in=("pending", "sent", "failed", "skipped")),
                name="delivery_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(status="pending"), name="delivery_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.get_status_display()}"
