"""By which weights and thresholds members are judged: every version that there was."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analytics.rules.health import DEFAULT_RULES, HealthBand, HealthRules, rules_from
from common import clock
from common.models import AppendOnly
from common.models.base import in_active_language


class HealthVersionQuerySet(models.QuerySet["HealthVersion"]):
    def latest_version(self) -> "HealthVersion | None":
        """The version in force; None while nobody has changed what comes with the product."""
        return self.order_by("-pk").first()


class HealthVersion(AppendOnly):
    """Weights, thresholds and bands from one moment on; its number is its version."""

    content: Any = models.JSONField(_("contents"))
    reason = models.CharField(_("reason"), max_length=500)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("operator"), related_name="+"
    )
    key = models.CharField(_("key"), max_length=64)
    applied_at = models.DateTimeField(_("applied at"), default=clock.now, editable=False)

    objects = HealthVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the health score")
        verbose_name_plural = _("versions of the health score")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="healthversion_key_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="healthversion_reason_given"),
        ]

    def __str__(self) -> str:
        return str(_("Version %(number)s") % {"number": self.pk})

    @property
    def rules(self) -> HealthRules:
        return rules_from(self.content)


class DailyBand(models.Model):
    """How many members were in one band of a version as a night measured them.

    As of the beginning of the business date; `band` is the place among the version's bands, and no
    version is the product's own. Each night writes every band of each version it judged by.
    """

    business_date = models.DateField(_("business date"))
    version = models.ForeignKey(
        HealthVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("version of the health score"),
        db_index=False,
    )
    band = models.PositiveSmallIntegerField(_("health band"))
    members = models.PositiveIntegerField(_("members"))

    class Meta:
        verbose_name = _("members in a health band")
        verbose_name_plural = _("members in health bands")
        constraints = [
            models.UniqueConstraint(
                fields=["business_date", "version", "band"], name="daily_band_once"
            ),
            models.UniqueConstraint(
                fields=["business_date", "band"],
                condition=Q(version__isnull=True),
                name="daily_band_once_by_default",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.business_date:%Y-%m-%d} {self.band}"


def rules_of(version: HealthVersion | None) -> HealthRules:
    """A version's rules; without one, those that come with the product."""
    return version.rules if version else DEFAULT_RULES


def band_name(band: HealthBand) -> str:
    """What a band is called, in the active language."""
    return in_active_language(band.name_en, band.name_zh)


def band_action(band: HealthBand) -> str:
    """What is advised for members of a band, in the active language."""
    return in_active_language(band.action_en, band.action_zh)
