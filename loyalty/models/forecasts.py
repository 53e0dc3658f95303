"""What nights foresaw: the points that each of the next nights would let expire."""

from datetime import date, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import AppendOnly


class ExpiryForecastQuerySet(models.QuerySet["ExpiryForecast"]):
    def for_night(self, night: date, *, lead_days: int) -> "ExpiryForecast | None":
        """What an earlier night foresaw: the last one so many days before, else the oldest.

        By the instant at which it was recorded: nights that are caught up all look at today.
        """
        earlier = self.filter(expires_on=night, made_on__lt=night)
        before = clock.cutoff(night - timedelta(days=lead_days))
        in_time = earlier.filter(recorded_at__lt=before + timedelta(days=1))
        return in_time.order_by("-made_on").first() or earlier.order_by("made_on").first()


class ExpiryForecast(AppendOnly):
    """As of the night `made_on`: what the night `expires_on` takes if nothing is spent before.

    A night without points to take has a row too: foreseeing nothing is not the same as not
    having looked.
    """

    made_on = models.DateField(_("made on"))
    expires_on = models.DateField(_("expires on"))
    points = models.BigIntegerField(_("points"))
    lots = models.BigIntegerField(_("lots"))
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now, editable=False)

    objects = ExpiryForecastQuerySet.as_manager()

    class Meta:
        verbose_name = _("forecast of expiry")
        verbose_name_plural = _("forecasts of expiry")
        constraints = [
            models.UniqueConstraint(
                fields=["expires_on", "made_on"], name="expiryforecast_once_per_night"
            ),
            models.CheckConstraint(
                condition=Q(made_on__lt=models.F("expires_on")), name="expiryforecast_looks_ahead"
            ),
            models.CheckConstraint(
                condition=Q(points__gte=0, lots__gte=0), name="expiryforecast_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.made_on:%Y-%m-%d} → {self.expires_on:%Y-%m-%d}: {self.points}"
