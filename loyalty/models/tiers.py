"""The ladder, each member's place on it, and the fact that it moved."""

from decimal import Decimal
from typing import Self

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.models import AppendOnly, Named
from common.money import MoneyField
from common.periods import PeriodField
from members.models import Member

from .points_money import RATE_WORDS


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

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    window = PeriodField(
        _("figures count for"),
        default="12M",
        plain_only=True,
        allow_zero=False,
        allow_never=True,
    )
    validity = PeriodField(
        _("a tier is held for"),
        default="12M/month",
        allow_zero=False,
        allow_anniversary=False,
        allow_inactivity=False,
    )
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=30)
    downgrade = models.CharField(
        _("coming down"), max_length=10, choices=Downgrade.choices, default=Downgrade.ONE_STEP
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
        return self.order_by("rank")


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
    join = models.CharField(_("joined by"), max_length=3, choices=Join.choices, default=Join.ALL)
    entry_spend = MoneyField(_("spend to enter"), null=True, blank=True)
    entry_orders = models.PositiveIntegerField(_("orders to enter"), null=True, blank=True)
    entry_growth = models.PositiveBigIntegerField(_("growth to enter"), null=True, blank=True)
    retention_spend = MoneyField(_("spend to stay"), null=True, blank=True)
    retention_orders = models.PositiveIntegerField(_("orders to stay"), null=True, blank=True)
    retention_growth = models.PositiveBigIntegerField(_("growth to stay"), null=True, blank=True)

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
                )
                | (
                    Q(rank__gt=0)
                    & (
                        Q(entry_spend__isnull=False)
                        | Q(entry_orders__isnull=False)
                        | Q(entry_growth__isnull=False)
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
                condition=Q(colour__regex=r"^#[0-9a-f]{6}$"), name="tier_colour_is_hex"
            ),
        ]


class StandingQuerySet(models.QuerySet["Standing"]):
    def for_member(self, member: Member) -> "Standing | None":
        return self.filter(member=member).select_related("tier").first()


class Standing(models.Model):
    """A member's place: the tier, since when, and the end of its validity (half-open)."""

    member = models.OneToOneField(Member, models.PROTECT, related_name="standing")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="standings")
    since = models.DateTimeField(_("since"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed at"))
    has_late_fact = models.BooleanField(_("has a late fact"), default=False)

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = [
            models.Index(
                fields=["valid_until"],
                condition=Q(valid_until__isnull=False),
                name="standing_valid_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.tier}"


class TierChange(AppendOnly):
    """The fact that a member's tier moved or was kept, with the figures that caused it."""

    class Cause(models.TextChoices):
        ENTRY = "entry", _("First review")
        UPGRADE = "upgrade", _("Upgraded")
        RETAINED = "retained", _("Kept")
        DOWNGRADE = "downgrade", _("Came down")

    member = models.ForeignKey(Member, models.PROTECT, related_name="tier_changes")
    from_tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+")
    to_tier = models.ForeignKey(Tier, models.PROTECT, related_name="+")
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    at = models.DateTimeField(_("at"))
    business_date = models.DateField(_("business date"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    window_from = models.DateTimeField(_("figures since"), null=True, blank=True)
    spend = MoneyField(_("spend"))
    orders = models.BigIntegerField(_("orders"))
    growth = models.BigIntegerField(_("growth"))

    class Meta:
        verbose_name = _("tier change")
        verbose_name_plural = _("tier changes")
        indexes = [models.Index(fields=["member", "at"], name="tierchange_member_at")]

    def __str__(self) -> str:
        return f"{self.from_tier or '–'} → {self.to_tier}"
