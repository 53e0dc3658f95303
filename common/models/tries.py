"""How often somebody may try something: rows that are moved by one statement each."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class TryCounterQuerySet(models.QuerySet["TryCounter"]):
    def of(self, guesser: str, window: int) -> Self:
        return self.filter(guesser=guesser, window=window)

    def count_up(self, *, most: int) -> bool:
        """Count one more try where that many are not used up: one statement, whoever else tries."""
        return self.filter(tries__lt=most).update(tries=F("tries") + 1) == 1

    def count_down(self) -> None:
        """Forget a try that was right."""
        self.filter(tries__gt=0).update(tries=F("tries") - 1)

    def open_and_count(self, *, guesser: str, window: int, most: int) -> bool:
        """Count one more try of somebody in a window, whose row is made where there is none.

        False, and nothing counted, where that many are used up. Counting belongs into a
        transaction that what follows cannot undo.
        """
        self.bulk_create([self.model(guesser=guesser, window=window)], ignore_conflicts=True)
        return self.of(guesser, window).count_up(most=most)


class TryCounter(models.Model):
    """Tries of one guesser in one window of time; each app that counts has a table of its own."""

    guesser = models.CharField(_("who"), max_length=80)
    window = models.BigIntegerField(_("window"))
    tries = models.PositiveIntegerField(_("tries"), default=0)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["guesser", "window"], name="%(class)s_once"),
            models.CheckConstraint(condition=~Q(guesser=""), name="%(class)s_names_someone"),
        ]

    def __str__(self) -> str:
        return f"{self.guesser}: {self.tries}"
