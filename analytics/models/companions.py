"""Articles that are bought by the same members, as the latest night found them."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Article(models.Model):
    """An article that members bought lately: its latest description and how many bought it."""

    sku = models.CharField(_("article"), max_length=60, primary_key=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    members = models.PositiveIntegerField(_("members who bought it"))

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        constraints = [
            models.CheckConstraint(condition=Q(members__gt=0), name="article_bought_by_somebody"),
        ]

    def __str__(self) -> str:
        return self.description or self.sku


class CompanionQuerySet(models.QuerySet["Companion"]):
    def of(self, sku: str) -> Self:
        """What members who bought this article also bought, the closest first."""
        return self.filter(sku=sku).order_by("place")


class Companion(models.Model):
    """Another article that members who bought one also bought; the closest few for each.

    `together` counts members who bought both. `support` is their share of all members looked at;
    `lift` says how many times likelier the other is among those who bought the one than among
    all. The closest is the one with the greatest together² / (members of one × of the other).
    """

    sku = models.CharField(_("article"), max_length=60)
    other = models.CharField(_("also bought"), max_length=60)
    place = models.PositiveSmallIntegerField(_("place"))
    together = models.PositiveIntegerField(_("members who bought both"))
    closeness = models.FloatField(_("closeness"))
    support = models.FloatField(_("support"))
    lift = models.FloatField(_("lift"))

    objects = CompanionQuerySet.as_manager()

    class Meta:
        verbose_name = _("article bought along")
        verbose_name_plural = _("articles bought along")
        constraints = [
            models.UniqueConstraint(fields=["sku", "place"], name="companion_one_a_place"),
            models.UniqueConstraint(fields=["sku", "other"], name="companion_once"),
            models.CheckConstraint(condition=~Q(sku=F("other")), name="companion_is_another"),
            models.CheckConstraint(
                condition=Q(closeness__gt=0, closeness__lte=1, support__gt=0, support__lte=1)
                & Q(lift__gt=0, together__gt=0),
                name="companion_measures_in_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} → {self.other}"
