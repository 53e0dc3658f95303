"""What was paid and what was given back."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from common import clock
from common.money import MoneyField
from members.models import Member, Store

from .catalogue import Channel, Partner, ProductCategory
from .points_money import PointsPayment


class PurchaseQuerySet(models.QuerySet["Purchase"]):
    def for_member(self, member: Member) -> Self:
        return self.filter(member=member).order_by("-at", "-id")

    def between(self, start: datetime, end: datetime) -> Self:
        """Half-open: start <= at < end."""
        return self.filter(at__gte=start, at__lt=end)

    def total_amount(self) -> Decimal:
        return self.aggregate(total=Sum("amount"))["total"] or Decimal(0)


class Purchase(models.Model):
    """One purchase, net of discounts; without a member it is a guest's and earns nothing.

    `gross` = `discount` + `paid_by_points` + `amount`: the price, what coupons took off, what
    points paid, and what was paid with money. Points and tiers follow the money only.
    """

    # No index of its own: purchase_member_at_amount begins with it.
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="purchases", db_index=False
    )
    source = models.CharField(_("source"), max_length=40)
    external_id = models.CharField(_("number at the source"), max_length=100)
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="purchases"
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, null=True, blank=True, related_name="purchases"
    )
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="purchases"
    )
    at = models.DateTimeField(_("at"))
    business_date = models.DateField(_("business date"))
    amount = MoneyField(_("amount paid"))
    discount = MoneyField(_("taken off by coupons"), default=Decimal(0))
    # Whoever issues the coupons knows what these references mean.
    coupons = models.JSONField(_("coupons"), default=list, blank=True)
    paid_by_points = MoneyField(_("paid by points"), default=Decimal(0))
    points_used = models.BigIntegerField(_("points used"), default=0)
    # Found by the index of its named constraint.
    payment = models.ForeignKey(
        PointsPayment,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="purchases",
    )
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now, editable=False)

    objects = PurchaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")
        indexes = [
            # With the amount: figures are added up without reading the purchases themselves.
            models.Index(fields=["member", "at", "amount"], name="purchase_member_at_amount"),
            models.Index(fields=["at"], name="purchase_at"),
        ]
        constraints = [
            # The number first: operators search by it without knowing the source.
            models.UniqueConstraint(
                fields=["external_id", "source"], name="purchase_once_per_source"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="purchase_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(discount__gte=0), name="purchase_discount_not_negative"
            ),
            models.UniqueConstraint(fields=["payment"], name="purchase_payment_once"),
            models.CheckConstraint(
                condition=Q(payment__isnull=True, points_used=0, paid_by_points=0)
                | Q(payment__isnull=False, points_used__gt=0, paid_by_points__gt=0),
                name="purchase_points_part_is_a_payment",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def gross(self) -> Decimal:
        """The price before coupons and points."""
        return self.discount + self.due

    @property
    def due(self) -> Decimal:
        """The price after coupons, which points and money paid: what its lines add up to."""
        return self.paid_by_points + self.amount

    @property
    def is_paid_by_points_alone(self) -> bool:
        """Whether no money was paid, so that only the points' part can be given back."""
        return not self.amount and bool(self.paid_by_points)


class PurchaseLine(models.Model):
    """One line of a purchase; its lines add up to what was due, after coupons, before points."""

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField(_("number"))
    category = models.ForeignKey(
        ProductCategory, models.PROTECT, null=True, blank=True, related_name="lines"
    )
    sku = models.CharField(_("article"), max_length=60)
    description = models.CharField(_("description"), max_length=200, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    unit_price = models.DecimalField(_("unit price"), max_digits=16, decimal_places=4)
    amount = MoneyField(_("amount"))

    class Meta:
        verbose_name = _("line of a purchase")
        verbose_name_plural = _("lines of a purchase")
        constraints = [
            models.UniqueConstraint(fields=["purchase", "number"], name="purchase_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity.normalize():f}"


class RefundQuerySet(models.QuerySet["Refund"]):
    def for_member(self, member: Member) -> Self:
        return self.filter(member=member).order_by("-at", "-id")

    def between(self, start: datetime, end: datetime) -> Self:
        """Half-open: start <= at < end."""
        return self.filter(at__gte=start, at__lt=end)

    def total_amount(self) -> Decimal:
        return self.aggregate(total=Sum("amount"))["total"] or Decimal(0)

    def total_paid_by_points(self) -> Decimal:
        return self.aggregate(total=Sum("paid_by_points"))["total"] or Decimal(0)


class Refund(models.Model):
    """Money given back, positive; it may name the purchase it belongs to.

    `paid_by_points` is the part of what came back that points had paid: it goes back as points.
    """

    purchase = models.ForeignKey(
        Purchase, models.PROTECT, null=True, blank=True, related_name="refunds"
    )
    # No index of its own: refund_member_at begins with it.
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="refunds", db_index=False
    )
    source = models.CharField(_("source"), max_length=40)
    external_id = models.CharField(_("number at the source"), max_length=100)
    at = models.DateTimeField(_("at"))
    business_date = models.DateField(_("business date"))
    amount = MoneyField(_("amount given back"))
    paid_by_points = MoneyField(_("paid by points"), default=Decimal(0))
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now, editable=False)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        indexes = [
            models.Index(fields=["member", "at"], name="refund_member_at"),
            models.Index(fields=["at"], name="refund_at"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "source"], name="refund_once_per_source"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, paid_by_points__gte=0),
                name="refund_amount_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class RefundLine(models.Model):
    """One line given back, its quantity and amount positive; it may name the line that was sold."""

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField(_("number"))
    purchase_line = models.ForeignKey(
        PurchaseLine, models.PROTECT, null=True, blank=True, related_name="refund_lines"
    )
    sku = models.CharField(_("article"), max_length=60)
    description = models.CharField(_("description"), max_length=200, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    unit_price = models.DecimalField(_("unit price"), max_digits=16, decimal_places=4)
    amount = MoneyField(_("amount"))

    class Meta:
        verbose_name = _("line of a refund")
        verbose_name_plural = _("lines of a refund")
        constraints = [
            models.UniqueConstraint(fields=["refund", "number"], name="refund_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity.normalize():f}"


class UncollectedPoints(models.Model):
    """What a refund should have clawed back and, by the policy `forgive`, did not."""

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="uncollected")
    account = models.ForeignKey("loyalty.PointsAccount", models.PROTECT, related_name="uncollected")
    points = models.BigIntegerField(_("points"))

    class Meta:
        verbose_name = _("uncollected points")
        verbose_name_plural = _("uncollected points")
        constraints = [
            models.UniqueConstraint(
                fields=["refund", "account"], name="uncollected_once_per_refund"
            ),
            models.CheckConstraint(condition=Q(points__gt=0), name="uncollected_positive"),
        ]

    def __str__(self) -> str:
        return str(self.points)
