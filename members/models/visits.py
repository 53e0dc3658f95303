"""On which days members came to the portal."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from .people import Member


class PortalDayQuerySet(models.QuerySet["PortalDay"]):
    def of_login(self, day: date) -> Exists:
        """Whether a login's member was here on a day, as a column of a query over logins."""
        return Exists(self.filter(member__user=OuterRef("pk"), business_date=day))


class PortalDay(models.Model):
    """A business date on which a member was signed in to the portal, and when first on it."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="portal_days")
    business_date = models.DateField(_("business date"))
    at = models.DateTimeField(_("first at"))

    objects = PortalDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("day in the portal")
        verbose_name_plural = _("days in the portal")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "business_date"], name="portal_day_once_per_member"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.business_date:%Y-%m-%d}"
