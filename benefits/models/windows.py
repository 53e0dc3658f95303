"""Times from which members of a tier may have something: offers, rewards, events."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock
from loyalty.models import Tier


class TierWindow(models.Model):
    """From when on members of a tier, and of those above it, may have what the table is about."""

    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", verbose_name=_("from tier"))
    opens_at = models.DateTimeField(_("opens at"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.tier} {self.opens_at.astimezone(clock.zone()):%Y-%m-%d %H:%M}"
