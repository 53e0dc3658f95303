"""What a night knows of each member."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.money import MoneyField
from members.models import Member

from .lifetime import LifetimeFit

_SCORES = ("recency_score", "frequency_score", "money_score")


class MemberMetrics(models.Model):
    """One member's figures as of the latest night; every night writes them anew.

    `money…` is net of refunds. `orders` and the days are of purchases that count: priced, and not
    given back as a whole. `later_amount` is what purchase days after the first came to, net of
    their refunds: what the spending model learns from. Scores are fifths from 1 to 5, of those
    who bought. `expected_purchases` and `predicted_value` are for the days that the setting
    LIFETIME_HORIZON_DAYS looks ahead, by the fit that they name; none without a fit, for who never
    bought, and for closed memberships.
    """

    member = models.OneToOneField(
        Member, models.PROTECT, primary_key=True, related_name="metrics", verbose_name=_("member")
    )
    business_date = models.DateField(_("business date"))
    first_purchase_on = models.DateField(_("first purchase"), null=True, blank=True)
    last_purchase_on = models.DateField(_("last purchase"), null=True, blank=True)
    orders = models.PositiveIntegerField(_("orders"))
    purchase_days = models.PositiveIntegerField(_("days with a purchase"))
    money = MoneyField(_("net spend"))
    money_365 = MoneyField(_("net spend of 365 days"))
    money_90 = MoneyField(_("net spend of 90 days"))
    later_amount = MoneyField(_("net spend after the first day"))
    recency_score = models.PositiveSmallIntegerField(_("recency score"), null=True, blank=True)
    frequency_score = models.PositiveSmallIntegerField(_("frequency score"), null=True, blank=True)
    money_score = models.PositiveSmallIntegerField(_("money score"), null=True, blank=True)
    fit = models.ForeignKey(
        LifetimeFit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lifetime fit"),
        db_index=False,
    )
    alive = models.FloatField(_("chance to come again"), null=True, blank=True)
    expected_purchases = models.FloatField(_("expected purchases"), null=True, blank=True)
    predicted_value = MoneyField(_("predicted value"), null=True, blank=True)

    class Meta:
        verbose_name = _("figures of a member")
        verbose_name_plural = _("figures of members")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    orders=0,
                    purchase_days=0,
                    first_purchase_on__isnull=True,
                    last_purchase_on__isnull=True,
                )
                | Q(
                    orders__gte=models.F("purchase_days"),
                    purchase_days__gte=1,
                    first_purchase_on__lte=models.F("last_purchase_on"),
                    last_purchase_on__lt=models.F("business_date"),
                    first_purchase_on__isnull=False,
                ),
                name="member_metrics_bought_or_not",
            ),
            models.CheckConstraint(
                condition=Q(**{f"{name}__isnull": True for name in _SCORES})
                | Q(
                    **{f"{name}__isnull": False for name in _SCORES},
                    **{f"{name}__range": (1, 5) for name in _SCORES},
                ),
                name="member_metrics_scores_are_fifths",
            ),
            models.CheckConstraint(
                condition=Q(
                    fit__isnull=True,
                    alive__isnull=True,
                    expected_purchases__isnull=True,
                    predicted_value__isnull=True,
                )
                | Q(
                    fit__isnull=False,
                    alive__range=(0, 1),
                    alive__isnull=False,
                    expected_purchases__gte=0,
                    expected_purchases__isnull=False,
                    predicted_value__isnull=False,
                ),
                name="member_metrics_predicted_by_a_fit",
            ),
        ]

    def __str__(self) -> str:
        return str(self.member)

    @property
    def recency_days(self) -> int | None:
        """Days from the last purchase to the night."""
        if self.last_purchase_on is None:
            return None
        gone: int = (self.business_date - self.last_purchase_on).days
        return gone

    @property
    def rfm(self) -> str | None:
        """The three scores as they are spoken of, 555 for the best."""
        if self.recency_score is None:
            return None
        return f"{self.recency_score}{self.frequency_score}{self.money_score}"
