"""What operators want the figures of a month to be."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class Kpi(models.TextChoices):
    """The figures on the overview that may have a target."""

    NET_REVENUE = "net_revenue", _("Net revenue of members")
    ORDERS = "orders", _("Orders of members")
    ORDER_VALUE = "order_value", _("Average order value")
    JOINED = "joined", _("New members")
    ACTIVE = "active", _("Active members in 30 days")
    REPURCHASE = "repurchase", _("Repurchase rate")
    MEMBER_SHARE = "member_share", _("Members’ share of revenue")
    REDEMPTION = "redemption", _("Redemption rate")
    GIVE_BACK = "give_back", _("Give-back of revenue")


class TargetQuerySet(models.QuerySet["Target"]):
    def of_months(self, first: date, last: date) -> Self:
        """The targets of the months that these days touch."""
        return self.filter(
            Q(year__gt=first.year) | Q(year=first.year, month__gte=first.month),
            Q(year__lt=last.year) | Q(year=last.year, month__lte=last.month),
        )


class Target(models.Model):
    """The goal of one figure for one calendar month.

    Sums (revenue, orders, new members) are shared out over the days of the month; a rate or a
    level holds for the period that ends in the month. `goal` is in the unit of its figure: an
    amount of money, a number, or a percentage.
    """

    kpi = models.CharField(_("figure"), max_length=12, choices=Kpi.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    month = models.PositiveSmallIntegerField(_("month"))
    goal = models.DecimalField(
        _("goal"),
        max_digits=16,
        decimal_places=2,
        help_text=_("Money for revenue and order value, a percentage for rates, else a number."),
    )

    objects = TargetQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["-year", "-month", "kpi"]
        constraints = [
            models.UniqueConstraint(fields=["kpi", "year", "month"], name="target_once_a_month"),
            models.CheckConstraint(
                condition=Q(month__range=(1, 12), year__range=(2000, 2999)),
                name="target_of_a_month",
            ),
            models.CheckConstraint(condition=Q(goal__gt=0), name="target_goal_positive"),
            models.CheckConstraint(
                condition=Q(
                    kpi__in=(
                        "net_revenue",
                        "orders",
                        "order_value",
                        "joined",
                        "active",
                        "repurchase",
                        "member_share",
                        "redemption",
                        "give_back",
                    )
                ),
                name="target_kpi_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kpi_display()} {self.year}-{self.month:02}"
