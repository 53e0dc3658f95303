"""What guards said before a night went on, and which operator let it go on all the same."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock

from .base import AppendOnly
from .jobs import JobRun


class GuardCheckQuerySet(models.QuerySet["GuardCheck"]):
    def waiting(self) -> GuardCheckQuerySet:
        """Checks that hold the nights until an operator confirms, the oldest first."""
        return self.filter(holds=True, confirmation=None).order_by("pk")

    def of_run(self, run: JobRun) -> GuardCheckQuerySet:
        """What was said of a run, the newest first."""
        return self.filter(run=run).order_by("-pk")

    def of_dates(self) -> GuardCheckQuerySet:
        """What was said of nights as such, of no step of theirs."""
        return self.filter(run=None)


class GuardCheck(AppendOnly):
    """A guard's word on a run, or on a night not opened yet (without one): held or let through.

    `figures` are what it went by, also where it let the run through.
    """

    name = models.CharField(_("guard"), max_length=80)
    business_date = models.DateField(_("business date"))
    run = models.ForeignKey(
        JobRun, models.PROTECT, null=True, blank=True, related_name="checks", verbose_name=_("run")
    )
    holds = models.BooleanField(_("holds"))
    figures = models.JSONField(_("figures"), default=dict, encoder=DjangoJSONEncoder)
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now, editable=False)

    objects = GuardCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("guard check")
        verbose_name_plural = _("guard checks")
        constraints = [
            # A night that waits is said to wait once, whoever looks and how often.
            models.UniqueConstraint(
                fields=["name", "business_date"],
                condition=models.Q(run=None),
                name="common_guardcheck_once_per_night",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.business_date:%Y-%m-%d}"


class GuardConfirmation(AppendOnly):
    """An operator's word that what a guard holds is right; by whom, when, on which figures."""

    check_made = models.OneToOneField(
        GuardCheck, models.PROTECT, related_name="confirmation", verbose_name=_("guard check")
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("operator"),
    )
    # The login's name, or the system's user who ran the command.
    by = models.CharField(_("by"), max_length=150)
    figures = models.JSONField(_("figures"), default=dict, encoder=DjangoJSONEncoder)
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("guard confirmation")
        verbose_name_plural = _("guard confirmations")

    def __str__(self) -> str:
        return f"{self.by} {self.recorded_at:%Y-%m-%d %H:%M}"
