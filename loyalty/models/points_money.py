"""Points as money: what they are worth, and the redemptions that pay for part of a purchase."""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.models import AppendOnly
from common.money import MoneyField
from members.models import Member

from .points import PointsEntry

RATE_WORDS = _("At least 1 point is worth one unit of the currency: a rate of 0 would be no rate.")
# Validators and constraints fill in what a message names, so a per cent sign is written twice.
SHARE_WORDS = _("The share is more than 0 and at most 100 %%.")
MULTIPLE_WORDS = _("Points are used in multiples of 1 or more; write 1 where any number will do.")


def fresh_rate() -> int:
    """The rate of a programme that nobody has set up yet; a setting of 0 is refused."""
    rate = int(settings.POINTS_PER_MONEY)
    if rate < 1:
        raise ImproperlyConfigured(f"POINTS_PER_MONEY is {rate}: it must be 1 or more.")
    return rate


class PointsMoneyQuerySet(models.QuerySet["PointsMoney"]):
    def solo(self) -> "PointsMoney":
        """The programme's one row, or its defaults before a programme is loaded."""
        return self.first() or PointsMoney()


class PointsMoney(models.Model):
    """What points are worth and how far they pay for a purchase; a tier may have its own rate."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    is_offered = models.BooleanField(
        _("points pay for purchases"),
        default=True,
        help_text=_("Off: points buy rewards only. What they are worth counts all the same."),
    )
    points_per_money = models.PositiveIntegerField(
        _("points for one unit of the currency"),
        default=fresh_rate,
        validators=[MinValueValidator(1, RATE_WORDS)],
        help_text=_("100 makes 100 points worth 1.00. A tier may have a rate of its own."),
    )
    minimum_purchase = MoneyField(
        _("smallest purchase"),
        default=Decimal(100),
        help_text=_("Points pay for part of a purchase of this amount or more."),
    )
    maximum_share = models.DecimalField(
        _("largest share of the purchase, in %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(50),
        validators=[
            MinValueValidator(Decimal("0.01"), SHARE_WORDS),
            MaxValueValidator(100, SHARE_WORDS),
        ],
        help_text=_("The member pays the rest with money."),
    )
    multiple = models.PositiveIntegerField(
        _("in multiples of"),
        default=100,
        validators=[MinValueValidator(1, MULTIPLE_WORDS)],
        help_text=_("100 takes 100, 200, 300… points."),
    )

    objects = PointsMoneyQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("points as money")
        verbose_name_plural = _("points as money")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="pointsmoney_only_one"),
            models.CheckConstraint(
                condition=Q(points_per_money__gt=0),
                name="pointsmoney_rate_positive",
                violation_error_message=RATE_WORDS,
            ),
            models.CheckConstraint(
                condition=Q(minimum_purchase__gte=0),
                name="pointsmoney_minimum_not_negative",
                violation_error_message=_("The smallest purchase is 0 or more."),
            ),
            models.CheckConstraint(
                condition=Q(maximum_share__gt=0, maximum_share__lte=100),
                name="pointsmoney_share_within_whole",
                violation_error_message=SHARE_WORDS,
            ),
            models.CheckConstraint(
                condition=Q(multiple__gt=0),
                name="pointsmoney_multiple_positive",
                violation_error_message=MULTIPLE_WORDS,
            ),
        ]

    def __str__(self) -> str:
        return str(_("Points as money"))


class PointsPaymentQuerySet(models.QuerySet["PointsPayment"]):
    def for_member(self, member: Member) -> Self:
        return self.filter(entry__account__member=member).select_related("entry")


class PointsPayment(AppendOnly):
    """A redemption that pays for part of a purchase, with what it was worth at that moment.

    `amount` is what the points paid of `purchase_amount`, the price after discounts. It is an open
    checkout until a purchase names it; an abandoned one is given back like any redemption.
    """

    entry = models.OneToOneField(PointsEntry, models.PROTECT, related_name="payment")
    purchase_amount = MoneyField(_("amount of the purchase"))
    amount = MoneyField(_("paid by points"))
    points_per_money = models.PositiveIntegerField(_("points for one unit of the currency"))

    objects = PointsPaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment by points")
        verbose_name_plural = _("payments by points")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=F("purchase_amount")),
                name="payment_within_purchase",
            ),
            models.CheckConstraint(
                condition=Q(points_per_money__gt=0), name="payment_rate_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} → {self.amount}"

    @property
    def points(self) -> int:
        """How many points were taken, positive."""
        return -self.entry.points
