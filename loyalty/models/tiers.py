"""The ladder, its tiers and what they bring, and the versions by which members moved."""

from decimal import Decimal
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common import clock
from common.models import AppendOnly, Named, in_active_language
from common.money import MoneyField
from common.periods import PeriodField

from .points_money import RATE_WORDS

# Windows that are no period: the calendar year, and since the current tier began.
CALENDAR_YEAR, SINCE_TIER = "year", "tier"
LONGEST_GRACE = 366
# A rung that was taken out keeps its row, for facts name it: its rank lies beyond the ladder.
TAKEN_OUT = 10_000


class LadderQuerySet(models.QuerySet["Ladder"]):
    def solo(self) -> "Ladder":
        """The programme's one ladder, or its defaults before a programme is loaded."""
        return self.first() or Ladder()


class Ladder(models.Model):
    """How long figures count, how long a tier is held, and how a member comes down."""

    class Downgrade(models.TextChoices):
        NONE = "none", _("Never comes down")
        ONE_STEP = "one_step", _("One step down")
        MATCHING = "matching", _("Down to the tier that fits")

    class Refunds(models.TextChoices):
        KEEP = "keep", _("The tier is kept until its validity ends")
        REEVALUATE = "reevaluate", _("The tier is looked at again the same night")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    window = PeriodField(
        _("figures count for"),
        default="12M",
        plain_only=True,
        allow_zero=False,
        allow_never=True,
        words=(CALENDAR_YEAR, SINCE_TIER),
        help_text=_(
            "12M: the last twelve months, to the day. year: the calendar year. tier: since the "
            "current tier was won or last kept. never: everything ever. With year, let validity "
            "end with the year (1Y/year) and give no days of grace: in January the new year has "
            "only begun."
        ),
    )
    validity = PeriodField(
        _("a tier is held for"),
        default="12M/month",
        allow_zero=False,
        allow_anniversary=False,
        allow_inactivity=False,
        help_text=_("12M/month: a year, to the end of that month. never: for good."),
    )
    grace_days = models.PositiveSmallIntegerField(
        _("days of grace"),
        default=30,
        validators=[MaxValueValidator(LONGEST_GRACE)],
        help_text=_("How long members who miss what is asked keep the tier to catch up."),
    )
    downgrade = models.CharField(
        _("coming down"), max_length=10, choices=Downgrade.choices, default=Downgrade.ONE_STEP
    )
    step_interval = PeriodField(
        _("time between two steps down"),
        default="0D",
        plain_only=True,
        blank=True,
        help_text=_("At most one way down in this time, such as 3M. 0D: no matter how soon."),
    )
    refunds = models.CharField(
        _("after a refund"),
        max_length=10,
        choices=Refunds.choices,
        default=Refunds.KEEP,
        help_text=_(
            "Looked at again: who without the refund would have kept the tier comes down that "
            "night, without days of grace."
        ),
    )

    objects = LadderQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("ladder")
        verbose_name_plural = _("ladder")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="ladder_only_one")]

    def __str__(self) -> str:
        return str(_("Ladder"))


class TierQuerySet(models.QuerySet["Tier"]):
    def by_rank(self) -> Self:
        """The ladder, lowest first, without the rungs that were taken out of it."""
        return self.filter(rank__lt=TAKEN_OUT).order_by("rank")


class Tier(Named):
    """A rung of the ladder. Bounds are lower bounds; one left empty asks for nothing.

    A retention bound left empty is the entry bound. The lowest tier has rank 0, no bounds, and
    is everyone's.
    """

    class Join(models.TextChoices):
        ALL = "all", _("all conditions")
        ANY = "any", _("any condition")

    code = models.SlugField(_("code"), max_length=30, unique=True)
    rank = models.PositiveSmallIntegerField(_("rank"), unique=True)
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#6b7280",
        validators=[RegexValidator(r"^#[0-9a-f]{6}$", _("Write the colour like #c0a062."))],
    )
    multiplier = models.DecimalField(
        _("multiplier of points"), max_digits=5, decimal_places=3, default=Decimal(1)
    )
    points_per_money = models.PositiveIntegerField(
        _("points for one unit of the currency"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1, RATE_WORDS)],
        help_text=_("Left empty, the programme's rate holds."),
    )
    discount_rate = models.DecimalField(
        _("discount rate"),
        max_digits=4,
        decimal_places=3,
        default=Decimal(1),
        help_text=_("What is paid of the price: 0.95 for a twentieth off, 1 for the full price."),
    )
    join = models.CharField(_("joined by"), max_length=3, choices=Join.choices, default=Join.ALL)
    entry_spend = MoneyField(_("spend to enter"), null=True, blank=True)
    entry_orders = models.PositiveIntegerField(_("orders to enter"), null=True, blank=True)
    entry_growth = models.PositiveBigIntegerField(_("growth to enter"), null=True, blank=True)
    entry_active_days = models.PositiveIntegerField(
        _("active days to enter"), null=True, blank=True
    )
    retention_spend = MoneyField(_("spend to stay"), null=True, blank=True)
    retention_orders = models.PositiveIntegerField(_("orders to stay"), null=True, blank=True)
    retention_growth = models.PositiveBigIntegerField(_("growth to stay"), null=True, blank=True)
    retention_active_days = models.PositiveIntegerField(
        _("active days to stay"), null=True, blank=True
    )
    switched_off: models.ManyToManyField["TierBenefit", Any] = models.ManyToManyField(
        "TierBenefit",
        verbose_name=_("switched off here"),
        blank=True,
        related_name="switched_off_by",
        help_text=_("Benefits of lower tiers that this tier and those above it do not have."),
    )

    MEASURES = ("spend", "orders", "growth", "active_days")

    objects = TierQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["rank"]
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    rank=0,
                    entry_spend__isnull=True,
                    entry_orders__isnull=True,
                    entry_growth__isnull=True,
                    entry_active_days__isnull=True,
                )
                | (
                    Q(rank__gt=0)
                    & (
                        Q(entry_spend__isnull=False)
                        | Q(entry_orders__isnull=False)
                        | Q(entry_growth__isnull=False)
                        | Q(entry_active_days__isnull=False)
                    )
                ),
                name="tier_bounds_above_the_lowest",
            ),
            models.CheckConstraint(condition=Q(multiplier__gt=0), name="tier_multiplier_positive"),
            models.CheckConstraint(
                condition=Q(points_per_money__isnull=True) | Q(points_per_money__gt=0),
                name="tier_points_per_money_positive",
                violation_error_message=RATE_WORDS,
            ),
            models.CheckConstraint(
                condition=Q(discount_rate__gt=0, discount_rate__lte=1),
                name="tier_discount_rate_within_one",
            ),
            models.CheckConstraint(
                condition=Q(colour__regex=r"^#[0-9a-f]{6}$"), name="tier_colour_is_hex"
            ),
        ]

    @property
    def is_taken_out(self) -> bool:
        return self.rank >= TAKEN_OUT

    @property
    def counts_days(self) -> bool:
        """Whether this tier asks for active days, to enter or to stay."""
        return self.entry_active_days is not None or self.retention_active_days is not None


class TierBenefitQuerySet(models.QuerySet["TierBenefit"]):
    def in_order(self) -> Self:
        return self.order_by("tier__rank", "position", "id")


class TierBenefit(Named):
    """Something that a tier brings, in words for members; higher tiers inherit it.

    A tier's own benefit of a kind in `ONE_OF_A_KIND` takes the place of an inherited one.
    """

    class Kind(models.TextChoices):
        DISCOUNT = "discount", _("Discount")
        MULTIPLIER = "multiplier", _("More points")
        POINTS_AS_MONEY = "points_as_money", _("Points worth more")
        FREE_SHIPPING = "free_shipping", _("Free shipping")
        EARLY_ACCESS = "early_access", _("Early access")
        SERVICE_LEVEL = "service_level", _("Service")
        COUPONS = "coupons", _("Coupons")
        EVENTS = "events", _("Events")
        OTHER = "other", _("Something else")

    ONE_OF_A_KIND = (Kind.DISCOUNT, Kind.MULTIPLIER, Kind.POINTS_AS_MONEY, Kind.SERVICE_LEVEL)

    # A benefit is a sentence about its tier: without the tier it says nothing.
    tier = models.ForeignKey(Tier, models.CASCADE, related_name="benefits")
    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices)
    text_en = models.CharField(_("text in English"), max_length=300, blank=True)
    text_zh = models.CharField(_("text in Chinese"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_inherited = models.BooleanField(_("higher tiers inherit it"), default=True)

    objects = TierBenefitQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("benefit of a tier")
        verbose_name_plural = _("benefits of tiers")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=(
                        "discount",
                        "multiplier",
                        "points_as_money",
                        "free_shipping",
                        "early_access",
                        "service_level",
                        "coupons",
                        "events",
                        "other",
                    )
                ),
                name="benefit_kind_known",
            ),
        ]

    @property
    def text(self) -> str:
        """More about it, in the active language as far as it is written."""
        return in_active_language(self.text_en, self.text_zh)


class LadderVersionQuerySet(models.QuerySet["LadderVersion"]):
    def newest(self) -> "LadderVersion | None":
        return self.order_by("-pk").first()


class LadderVersion(AppendOnly):
    """The ladder and its tiers as they read when a member's place was first judged by them.

    Numbered by its id. Two who meet a new wording at once may write it down twice: nobody waits
    for a number, and `digest` says that they are one.
    """

    digest = models.CharField(_("digest"), max_length=64)
    content = models.JSONField(_("contents"))
    made_at = models.DateTimeField(_("in force since"), default=clock.now, editable=False)

    objects = LadderVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the ladder")
        verbose_name_plural = _("versions of the ladder")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def tiers(self) -> list[dict[str, Any]]:
        """The rungs, lowest first, as they were."""
        rungs: list[dict[str, Any]] = self.content["tiers"]
        return rungs
