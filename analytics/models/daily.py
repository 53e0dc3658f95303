"""What happened on each business date: figures that nights compute whole, and dashboards add up."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.money import MoneyField

COUNTS = (
    "joined",
    "active_members",
    "active_members_30",
    "buyers",
    "orders",
    "guest_orders",
    "points_earned",
    "points_clawed_back",
    "points_redeemed",
    "points_restored",
    "points_expired",
    "coupons_issued",
    "coupons_used",
)


class DailyFigureQuerySet(models.QuerySet["DailyFigure"]):
    def between(self, first: date, last: date) -> Self:
        """Both days included, the earliest first."""
        return self.filter(business_date__range=(first, last)).order_by("business_date")

    def until(self, last: date) -> Self:
        """All days up to this one."""
        return self.filter(business_date__lte=last).order_by("business_date")


class DailyFigure(models.Model):
    """Everything of one business date, written whole and anew whenever a fact of it turns up.

    Flows only: what stands at the end of a day is the sum of the days up to it, so that a late
    fact changes its own date and no other. `orders` are purchases of members that count: priced,
    and not given back as a whole. Money is what was paid, and apart from it what was given back on
    that date. Points are base points; `points_adjusted` has a sign, the others are magnitudes;
    `points_forfeited` is what erasures took, less the debts that they let off.
    A member is active by a purchase, an activity of their own or a visit to the portal;
    `active_members_30` counts who was within the 30 days that end with this one.
    """

    business_date = models.DateField(_("business date"), primary_key=True)
    joined = models.PositiveIntegerField(_("members joined"), default=0)
    active_members = models.PositiveIntegerField(_("active members"), default=0)
    active_members_30 = models.PositiveIntegerField(_("active in 30 days"), default=0)
    buyers = models.PositiveIntegerField(_("members who bought"), default=0)
    orders = models.PositiveIntegerField(_("orders of members"), default=0)
    amount = MoneyField(_("paid by members"), default=0)
    refunded = MoneyField(_("given back to members"), default=0)
    guest_orders = models.PositiveIntegerField(_("orders of guests"), default=0)
    guest_amount = MoneyField(_("paid by guests"), default=0)
    guest_refunded = MoneyField(_("given back to guests"), default=0)
    discount = MoneyField(_("taken off by coupons"), default=0)
    paid_by_points = MoneyField(_("paid by points"), default=0)
    points_earned = models.PositiveBigIntegerField(_("points earned"), default=0)
    points_clawed_back = models.PositiveBigIntegerField(_("points taken back"), default=0)
    points_redeemed = models.PositiveBigIntegerField(_("points redeemed"), default=0)
    points_restored = models.PositiveBigIntegerField(_("points given back"), default=0)
    points_expired = models.PositiveBigIntegerField(_("points expired"), default=0)
    points_adjusted = models.BigIntegerField(_("points adjusted"), default=0)
    points_forfeited = models.BigIntegerField(_("points forfeited"), default=0)
    coupons_issued = models.PositiveIntegerField(_("coupons given out"), default=0)
    coupons_used = models.PositiveIntegerField(_("coupons used"), default=0)
    computed_at = models.DateTimeField(_("computed at"), default=clock.now)
    # What was recorded from then on is not surely in it: another night looks.
    facts_until = models.DateTimeField(editable=False)

    objects = DailyFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("figures of a day")
        verbose_name_plural = _("figures of days")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    amount__gte=0,
                    refunded__gte=0,
                    guest_amount__gte=0,
                    guest_refunded__gte=0,
                    discount__gte=0,
                    paid_by_points__gte=0,
                ),
                name="daily_figure_money_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    active_members__gte=F("buyers"),
                    active_members_30__gte=F("active_members"),
                ),
                name="daily_figure_buyers_are_active",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.business_date:%Y-%m-%d}"


class DailySalesQuerySet(models.QuerySet["DailySales"]):
    def between(self, by: str, first: date, last: date) -> Self:
        """One way of sorting, both days included."""
        return self.filter(by=by, business_date__range=(first, last))


class DailySales(models.Model):
    """The purchases of one business date sorted by one thing; `key` says by which of it.

    `key` is the id of the store, channel or category, 0 for none of them, and the hour from 0 to
    23 in the programme's zone. Amounts are net of what was given back on that date, guests'
    purchases included; `member_orders` and `member_amount` are members' part. By category, orders
    are those with a line of it, and amounts are what the lines came to; by hour, every purchase is
    an order, given back later or not.
    """

    class By(models.TextChoices):
        STORE = "store", _("Store")
        CHANNEL = "channel", _("Channel")
        CATEGORY = "category", _("Category")
        HOUR = "hour", _("Hour")

    business_date = models.DateField(_("business date"))
    by = models.CharField(_("by"), max_length=8, choices=By.choices)
    key = models.BigIntegerField(_("of which"))
    orders = models.PositiveIntegerField(_("orders"), default=0)
    amount = MoneyField(_("net revenue"), default=0)
    member_orders = models.PositiveIntegerField(_("orders of members"), default=0)
    member_amount = MoneyField(_("net revenue of members"), default=0)

    objects = DailySalesQuerySet.as_manager()

    class Meta:
        verbose_name = _("sales of a day")
        verbose_name_plural = _("sales of days")
        constraints = [
            models.UniqueConstraint(fields=["by", "business_date", "key"], name="daily_sales_once"),
            models.CheckConstraint(
                condition=Q(by__in=("store", "channel", "category", "hour")),
                name="daily_sales_by_known",
            ),
            models.CheckConstraint(
                condition=Q(member_orders__lte=F("orders")),
                name="daily_sales_members_are_part_of_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.business_date:%Y-%m-%d} {self.get_by_display()} {self.key}"
