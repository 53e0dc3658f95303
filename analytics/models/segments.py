"""Who belongs to a segment by rule, or by a file."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from members.models import Segment


class SegmentRuleQuerySet(models.QuerySet["SegmentRule"]):
    def computed(self) -> Self:
        """Those that every night computes anew."""
        return self.filter(is_active=True).select_related("segment").order_by("pk")


class SegmentRule(models.Model):
    """The conditions of a segment whose members the nights find.

    `definition` is checked against the catalogue of fields before it is kept; `members` is how
    many there were when `computed_on` was computed, none before the first time.
    """

    segment = models.OneToOneField(
        Segment, models.PROTECT, related_name="rule", verbose_name=_("segment")
    )
    definition: Any = models.JSONField(_("conditions"))
    is_active = models.BooleanField(_("computed by every night"), default=True)
    members = models.PositiveIntegerField(pgettext_lazy("segment", "members"), null=True)
    computed_on = models.DateField(_("computed on"), null=True, blank=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("operator"),
    )

    objects = SegmentRuleQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("conditions of a segment")
        verbose_name_plural = _("conditions of segments")
        constraints = [
            models.CheckConstraint(
                condition=Q(members__isnull=True, computed_on__isnull=True)
                | Q(members__isnull=False, computed_on__isnull=False),
                name="segmentrule_counted_when_computed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.segment)
