"""Tier gifts: what members get when they rise to a tier, and who got what."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common import clock
from common.models import Named
from loyalty.models import PointsEntry, Tier, TierChange
from members.models import Member

from .coupons import Coupon
from .templates import CouponTemplate


class TierGiftQuerySet(models.QuerySet["TierGift"]):
    def given_on(self, day: date) -> Self:
        """Those that are given on a day, coupons of one template together and last."""
        return (
            self.filter(is_active=True, starts_on__lte=day)
            .select_related("tier", "template")
            .order_by(models.F("template").asc(nulls_first=True), "pk")
        )


class TierGift(Named):
    """What members get for rising to a tier: a coupon or points, once in a lifetime or a year."""

    class Once(models.TextChoices):
        LIFETIME = "lifetime", _("once in a lifetime")
        YEAR = "year", _("once in a calendar year")

    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", verbose_name=_("tier"))
    template = models.ForeignKey(
        CouponTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("coupon template"),
    )
    points = models.PositiveIntegerField(_("points"), null=True, blank=True)
    once = models.CharField(
        _("how often"), max_length=8, choices=Once.choices, default=Once.LIFETIME
    )
    is_active = models.BooleanField(
        _("being given"), default=True, help_text=_("What members have been given stays theirs.")
    )
    starts_on = models.DateField(
        _("from"), default=clock.today, help_text=_("Who rose before this day gets nothing.")
    )

    objects = TierGiftQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("tier gift")
        verbose_name_plural = _("tier gifts")
        constraints = [
            models.CheckConstraint(
                condition=Q(template__isnull=False, points__isnull=True)
                | Q(template__isnull=True, points__isnull=False, points__gt=0),
                name="tiergift_coupon_or_points",
            ),
            models.CheckConstraint(
                condition=Q(once__in=("lifetime", "year")), name="tiergift_once_known"
            ),
        ]

    def year_of(self, day: date) -> int:
        """The year that a gift of this day is counted in; 0 where it is once in a lifetime."""
        return day.year if self.once == self.Once.YEAR else 0


class TierGiftGrant(models.Model):
    """That a member got a tier gift, once for its lifetime (year 0) or year, and by which move."""

    gift = models.ForeignKey(
        TierGift, models.PROTECT, related_name="grants", verbose_name=_("tier gift")
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="tier_gifts", verbose_name=_("member")
    )
    year = models.PositiveSmallIntegerField(_("year"), default=0)
    change = models.ForeignKey(
        TierChange, models.PROTECT, related_name="+", verbose_name=_("tier change")
    )
    granted_at = models.DateTimeField(_("given at"))
    coupon = models.ForeignKey(Coupon, models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.ForeignKey(PointsEntry, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("tier gift given")
        verbose_name_plural = _("tier gifts given")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "gift", "year"], name="tiergiftgrant_once_in_its_time"
            ),
            models.CheckConstraint(
                condition=Q(coupon__isnull=False, entry__isnull=True)
                | Q(coupon__isnull=True, entry__isnull=False),
                name="tiergiftgrant_gave_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.gift)
