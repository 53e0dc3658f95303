"""Proof that nobody lost points unwarned: a notice on an earlier night, or why there was none."""

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import AppendOnly
from members.models import Notice

from .lots import PointsLot, PointsLotQuerySet


class ExpiryEvidenceQuerySet(models.QuerySet["ExpiryEvidence"]):
    def held_lots(self, cutoff: datetime) -> PointsLotQuerySet:
        """Lots past their end at the cutoff that stay: nothing says that their member was told."""
        evidence = self.filter(lot=OuterRef("pk"), expires_at=OuterRef("expires_at"))
        due = PointsLot.objects.filter(remaining__gt=0, expires_at__lte=cutoff)
        return due.exclude(Exists(evidence))


class ExpiryEvidence(AppendOnly):
    """Why a lot may expire at `expires_at`: its first notice for that date, or a waiver of it.

    A notice counts from the night after its own. A lot that is given another date needs evidence
    for that one.
    """

    class Waiver(models.TextChoices):
        NONE = "", _("told")
        FIRST_NIGHT = "first_night", _("due on the first night that tells")
        SHORT = "short", _("recorded too late to be told")
        OPERATOR = "operator", _("waived by an operator")

    # No index of its own: evidence_once_per_end begins with it.
    lot = models.ForeignKey(PointsLot, models.PROTECT, related_name="evidence", db_index=False)
    expires_at = models.DateTimeField(_("expires at"))
    business_date = models.DateField(_("business date"))
    notice = models.ForeignKey(
        Notice, models.PROTECT, null=True, blank=True, related_name="evidence"
    )
    waiver = models.CharField(
        _("notice"), max_length=12, choices=Waiver.choices, blank=True, default=Waiver.NONE
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now, editable=False)

    objects = ExpiryEvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence for an expiry")
        verbose_name_plural = _("evidence for expiries")
        constraints = [
            models.UniqueConstraint(fields=["lot", "expires_at"], name="evidence_once_per_end"),
            models.CheckConstraint(
                condition=Q(waiver="", notice__isnull=False)
                | Q(waiver__in=("first_night", "short", "operator"), notice__isnull=True),
                name="evidence_notice_or_waiver",
            ),
            models.CheckConstraint(
                condition=Q(waiver="operator", operator__isnull=False)
                | (~Q(waiver="operator") & Q(operator__isnull=True)),
                name="evidence_operator_waives",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_waiver_display()} {self.business_date}"

    def last_valid_day(self) -> date:
        """The date that was told."""
        return clock.last_valid_day(self.expires_at)
