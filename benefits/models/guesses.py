"""How often somebody may type a code that does not exist."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class GuessCounterQuerySet(models.QuerySet["GuessCounter"]):
    def of(self, guesser: str, window: int) -> Self:
        return self.filter(guesser=guesser, window=window)

    def count_up(self, *, most: int) -> bool:
        """Count one more try where that many are not used up: one statement, whoever else tries."""
        return self.filter(tries__lt=most).update(tries=F("tries") + 1) == 1

    def count_down(self) -> None:
        """Forget a try that was right."""
        self.filter(tries__gt=0).update(tries=F("tries") - 1)


class GuessCounter(models.Model):
    """Tries of one guesser, `member:7` or `address:203.0.113.9`, in one window of minutes."""

    guesser = models.CharField(_("who"), max_length=80)
    window = models.BigIntegerField(_("window"))
    tries = models.PositiveIntegerField(_("tries"), default=0)

    objects = GuessCounterQuerySet.as_manager()

    class Meta:
        verbose_name = _("tries of codes")
        verbose_name_plural = _("tries of codes")
        constraints = [
            models.UniqueConstraint(fields=["guesser", "window"], name="guesscounter_once"),
            models.CheckConstraint(condition=~Q(guesser=""), name="guesscounter_names_someone"),
        ]

    def __str__(self) -> str:
        return f"{self.guesser}: {self.tries}"
