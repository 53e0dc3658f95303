"""How points arise."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Named
from common.money import MoneyField

from .points import PointType


class EarningRuleQuerySet(models.QuerySet["EarningRule"]):
    def current(self) -> Self:
        """The rules in force, with their kind of points, in a stable order."""
        return self.filter(is_current=True).select_related("point_type").order_by("code", "id")

    def newest_version(self, code: str) -> "EarningRule":
        """The last version of a rule, in force or not."""
        return self.filter(code=code).order_by("version").reverse()[0]


class EarningRule(Named):
    """So many points for every so much money paid; an edit is a new version.

    Entries name the rule and the version that gave them, so versions stay.
    """

    code = models.SlugField(_("code"), max_length=40)
    version = models.PositiveIntegerField(_("version"), default=1)
    point_type = models.ForeignKey(PointType, models.PROTECT, related_name="rules")
    points = models.PositiveIntegerField(_("points"))
    per_amount = MoneyField(_("for every"))
    is_current = models.BooleanField(_("in force"), default=True)

    # What an operator writes; the rest numbers the versions.
    WORDING = ("name_en", "name_zh", "point_type_id", "points", "per_amount")

    objects = EarningRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("earning rule")
        verbose_name_plural = _("earning rules")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="rule_version_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(is_current=True), name="rule_one_current_version"
            ),
            models.CheckConstraint(condition=Q(points__gt=0), name="rule_points_positive"),
            models.CheckConstraint(condition=Q(per_amount__gt=0), name="rule_amount_positive"),
        ]

    def says_the_same_as(self, other: "EarningRule") -> bool:
        """Whether another version reads and gives the same."""
        return all(getattr(self, name) == getattr(other, name) for name in self.WORDING)
