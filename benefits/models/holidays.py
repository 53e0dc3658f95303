"""The calendar of holidays on which members are greeted."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.models import Named
from members.models import Member

from .templates import CouponTemplate


class HolidayQuerySet(models.QuerySet["Holiday"]):
    def greeted(self) -> Self:
        return self.filter(is_active=True).select_related("template").order_by("pk")


class Holiday(Named):
    """A day of every year, of the solar or of the lunar calendar, and what members read on it.

    As for birthdays: the ordinary lunar month, not the leap month after it; the 30th of a month
    of 29 days is its 29th. 29 February is greeted on the day that birthdays are.
    """

    calendar = models.CharField(
        _("calendar"),
        max_length=5,
        choices=Member.Calendar.choices,
        default=Member.Calendar.SOLAR,
    )
    month = models.PositiveSmallIntegerField(_("month"))
    day = models.PositiveSmallIntegerField(_("day"))
    greeting_en = models.CharField(_("greeting in English"), max_length=300)
    greeting_zh = models.CharField(_("greeting in Chinese"), max_length=300, blank=True)
    template = models.ForeignKey(
        CouponTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("coupon template"),
        help_text=_("Left empty, members are greeted and get nothing."),
    )
    is_active = models.BooleanField(_("greeted"), default=True)

    objects = HolidayQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        constraints = [
            models.CheckConstraint(
                condition=Q(month__range=(1, 12))
                & (
                    Q(day__range=(1, 29))
                    | Q(day=30) & (~Q(month=2) | Q(calendar="lunar"))
                    | Q(day=31, month__in=(1, 3, 5, 7, 8, 10, 12), calendar="solar")
                ),
                name="holiday_is_a_day",
            ),
            models.CheckConstraint(
                condition=Q(calendar__in=("solar", "lunar")), name="holiday_calendar_known"
            ),
        ]
