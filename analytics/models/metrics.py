"""What a night knows of each member."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from analytics.rules.health import HealthBand
from common.money import MoneyField, quantize
from loyalty.models import ProductCategory
from members.models import Member, Store

from .care import WarningLevel
from .health import HealthVersion, rules_of
from .lifetime import LifetimeFit

_SCORES = ("recency_score", "frequency_score", "money_score")
_HEALTH = ("health_score", "spending_score", "interaction_score", "behaviour_score")
# What members do besides buying, each counted over 30 and over 90 days.
INTERACTIONS = ("visits", "check_ins", "reviews", "shares", "attended")


class MemberMetrics(models.Model):
    """One member's figures as of the latest night; every night writes them anew.

    `money…` is net of refunds. `orders` and the days are of purchases that count: priced, and not
    given back as a whole. `later_amount` is what purchase days after the first came to, net of
    their refunds: what the spending model learns from. Scores are fifths from 1 to 5, of those
    who bought. `expected_purchases` and `predicted_value` are for the days that the setting
    LIFETIME_HORIZON_DAYS looks ahead, by the fit that they name; none without a fit, for who never
    bought, and for closed memberships. Favourites are what most purchases of 365 days have in
    common, the first of equals; weekdays count from Monday, 0.

    `interactions…` are days in the portal and everything done besides buying; `events…` are what
    the portal's beacon told. `last_interaction_on` of either is none where it is more than 365
    days ago. Health is judged by `health_version`, none being the product's own; `band` is the
    place among its bands. The score is compared with `past_score`: marks are taken every
    `fall_days`, and the last but one is the past's. `warning` is the severest level that holds.
    """

    class Quadrant(models.TextChoices):
        """Net spend of 90 days (high, low) by interactions of 30 days (high, low)."""

        ACTIVE = "active", pgettext_lazy("quadrant", "active")
        LOW_ACTIVE = "low_active", pgettext_lazy("quadrant", "low-active")
        CHURN_RISK = "churn_risk", pgettext_lazy("quadrant", "churn risk")
        SILENT = "silent", pgettext_lazy("quadrant", "silent")

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
    loyalty_index = models.FloatField(_("Loyalty Index"), null=True, blank=True)
    orders_365 = models.IntegerField(_("orders of 365 days"), default=0)
    favourite_hour = models.SmallIntegerField(_("favourite hour"), null=True, blank=True)
    favourite_weekday = models.SmallIntegerField(_("favourite weekday"), null=True, blank=True)
    favourite_store = models.ForeignKey(
        Store,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("favourite store"),
        db_index=False,
    )
    favourite_category = models.ForeignKey(
        ProductCategory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("favourite category"),
        db_index=False,
    )
    visits_30 = models.IntegerField(_("days in the portal of 30"), default=0)
    visits_90 = models.IntegerField(_("days in the portal of 90"), default=0)
    check_ins_30 = models.IntegerField(_("check-ins of 30 days"), default=0)
    check_ins_90 = models.IntegerField(_("check-ins of 90 days"), default=0)
    reviews_30 = models.IntegerField(_("reviews of 30 days"), default=0)
    reviews_90 = models.IntegerField(_("reviews of 90 days"), default=0)
    shares_30 = models.IntegerField(_("shares of 30 days"), default=0)
    shares_90 = models.IntegerField(_("shares of 90 days"), default=0)
    attended_30 = models.IntegerField(_("events attended of 30 days"), default=0)
    attended_90 = models.IntegerField(_("events attended of 90 days"), default=0)
    interactions_30 = models.IntegerField(_("interactions of 30 days"), default=0)
    interactions_90 = models.IntegerField(_("interactions of 90 days"), default=0)
    events_30 = models.IntegerField(_("portal events of 30 days"), default=0)
    events_90 = models.IntegerField(_("portal events of 90 days"), default=0)
    last_interaction_on = models.DateField(_("last interaction"), null=True, blank=True)
    health_version = models.ForeignKey(
        HealthVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("version of the health score"),
        db_index=False,
    )
    spending_score = models.SmallIntegerField(_("spending score"), default=0)
    interaction_score = models.SmallIntegerField(_("interaction score"), default=0)
    behaviour_score = models.SmallIntegerField(_("behaviour score"), default=0)
    health_score = models.SmallIntegerField(_("health score"), default=0)
    band = models.SmallIntegerField(_("health band"), default=0)
    quadrant = models.CharField(
        _("quadrant"), max_length=10, choices=Quadrant.choices, default=Quadrant.SILENT
    )
    mark_score = models.SmallIntegerField(_("score at the last mark"), null=True, blank=True)
    mark_on = models.DateField(_("last mark"), null=True, blank=True)
    past_score = models.SmallIntegerField(_("health score before"), null=True, blank=True)
    past_on = models.DateField(_("mark before"), null=True, blank=True)
    warning = models.ForeignKey(
        WarningLevel,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("warning level"),
    )

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
                    loyalty_index__isnull=True,
                )
                | Q(
                    fit__isnull=False,
                    alive__range=(0, 1),
                    alive__isnull=False,
                    expected_purchases__gte=0,
                    expected_purchases__isnull=False,
                    predicted_value__isnull=False,
                    loyalty_index__range=(0, 100),
                    loyalty_index__isnull=False,
                ),
                name="member_metrics_predicted_by_a_fit",
            ),
            models.CheckConstraint(
                condition=Q(**{f"{name}__range": (0, 100) for name in _HEALTH}, band__gte=0),
                name="member_metrics_health_in_percent",
            ),
            models.CheckConstraint(
                condition=Q(
                    interactions_30__gte=0,
                    interactions_90__gte=models.F("interactions_30"),
                    events_30__gte=0,
                    events_90__gte=models.F("events_30"),
                ),
                name="member_metrics_90_days_hold_30",
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

    @property
    def churn(self) -> float | None:
        """The chance that the member does not come again."""
        return None if self.alive is None else 1 - self.alive

    @property
    def average_order(self) -> Decimal | None:
        """Net spend for each order; none without any."""
        return quantize(self.money / self.orders) if self.orders else None

    @property
    def health_band(self) -> HealthBand:
        """The band of the version by which the member was judged."""
        return rules_of(self.health_version).bands[self.band]
