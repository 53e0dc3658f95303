"""Birthday perks: what a tier gives for a birthday, and what each member got of it in a year."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from benefits.rules.birthdays import MOST_DAYS_AHEAD, Span
from common import clock
from common.models import Named
from loyalty.models import MemberMultiplier, PointsEntry, Tier, TierOverride
from loyalty.models.multipliers import LARGEST_FACTOR
from members.models import Member

from .coupons import Coupon
from .templates import CouponTemplate


class BirthdayPerkQuerySet(models.QuerySet["BirthdayPerk"]):
    def given_on(self, night: date) -> Self:
        """Those that a night gives, with their tier and coupon; coupons of one template together.

        What takes locks of its own comes first: coupon templates are locked last and in order.
        """
        return (
            self.filter(is_active=True, starts_on__lte=night)
            .select_related("tier", "template", "lift_tier")
            .order_by(models.F("template").asc(nulls_first=True), "pk")
        )


class BirthdayPerk(Named):
    """What members of one tier get for their birthday: exactly one thing.

    For the day, its week (Monday to Sunday) or its month, given so many days before that begins.
    """

    class Kind(models.TextChoices):
        COUPON = "coupon", _("Coupon")
        POINTS = "points", _("Points")
        MULTIPLIER = "multiplier", _("More points on purchases")
        TIER = "tier", _("Higher tier for a while")

    class For(models.TextChoices):
        DAY = Span.DAY, _("The day")
        WEEK = Span.WEEK, _("The week, Monday to Sunday")
        MONTH = Span.MONTH, _("The month")

    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", verbose_name=_("tier"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    template = models.ForeignKey(
        CouponTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("coupon template"),
    )
    points = models.PositiveIntegerField(_("points"), null=True, blank=True)
    factor = models.DecimalField(_("times"), max_digits=4, decimal_places=2, null=True, blank=True)
    lift_tier = models.ForeignKey(
        Tier,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lifts to"),
    )
    lift_steps = models.PositiveSmallIntegerField(_("or by so many steps"), null=True, blank=True)
    span = models.CharField(_("for"), max_length=5, choices=For.choices, default=For.DAY)
    days_ahead = models.PositiveSmallIntegerField(
        _("days ahead"),
        default=0,
        help_text=_("Given so many days before the day, week or month begins."),
    )
    is_active = models.BooleanField(
        _("being given"), default=True, help_text=_("What members have been given stays theirs.")
    )
    starts_on = models.DateField(
        _("from"),
        default=clock.today,
        help_text=_("Birthdays whose day, week or month was over before get nothing."),
    )

    objects = BirthdayPerkQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("birthday perk")
        verbose_name_plural = _("birthday perks")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind="coupon",
                    template__isnull=False,
                    points__isnull=True,
                    factor__isnull=True,
                    lift_tier__isnull=True,
                    lift_steps__isnull=True,
                )
                | Q(
                    kind="points",
                    template__isnull=True,
                    points__isnull=False,
                    points__gt=0,
                    factor__isnull=True,
                    lift_tier__isnull=True,
                    lift_steps__isnull=True,
                )
                | Q(
                    kind="multiplier",
                    template__isnull=True,
                    points__isnull=True,
                    factor__isnull=False,
                    factor__gt=1,
                    factor__lte=LARGEST_FACTOR,
                    lift_tier__isnull=True,
                    lift_steps__isnull=True,
                )
                | (
                    Q(
                        kind="tier",
                        template__isnull=True,
                        points__isnull=True,
                        factor__isnull=True,
                    )
                    & (
                        Q(lift_tier__isnull=False, lift_steps__isnull=True)
                        | Q(lift_tier__isnull=True, lift_steps__isnull=False, lift_steps__gt=0)
                    )
                ),
                name="birthdayperk_gives_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(span__in=("day", "week", "month")), name="birthdayperk_span_known"
            ),
            models.CheckConstraint(
                condition=Q(days_ahead__lte=MOST_DAYS_AHEAD), name="birthdayperk_not_too_early"
            ),
        ]


class BirthdayGrantQuerySet(models.QuerySet["BirthdayGrant"]):
    def shown_to(self, member: Member, today: date) -> Self:
        """What a member's home page tells of today, with what was given."""
        return (
            self.filter(member=member, ends_on__gte=today)
            .select_related("perk", "coupon", "entry", "multiplier", "override__tier")
            .order_by("pk")
        )


class BirthdayGrant(models.Model):
    """That a member got a perk for the birthday of a year, once; and what was given.

    `year` is of the birthday's own calendar. `starts_on` and `ends_on` are the days for which the
    perk is meant; a multiplier or a tier given after them counts as many days from then on.
    """

    perk = models.ForeignKey(
        BirthdayPerk, models.PROTECT, related_name="grants", verbose_name=_("birthday perk")
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="birthday_grants", verbose_name=_("member")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    celebrated_on = models.DateField(_("birthday"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("last day"))
    business_date = models.DateField(_("night"))
    granted_at = models.DateTimeField(_("given at"))
    coupon = models.ForeignKey(Coupon, models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.ForeignKey(PointsEntry, models.PROTECT, null=True, blank=True, related_name="+")
    multiplier = models.ForeignKey(
        MemberMultiplier, models.PROTECT, null=True, blank=True, related_name="+"
    )
    override = models.ForeignKey(
        TierOverride, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = BirthdayGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("birthday gift given")
        verbose_name_plural = _("birthday gifts given")
        indexes = [models.Index(fields=["member", "ends_on"], name="birthdaygrant_shown")]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "perk", "year"], name="birthdaygrant_once_a_year"
            ),
            models.CheckConstraint(
                condition=Q(
                    coupon__isnull=False,
                    entry__isnull=True,
                    multiplier__isnull=True,
                    override__isnull=True,
                )
                | Q(
                    coupon__isnull=True,
                    entry__isnull=False,
                    multiplier__isnull=True,
                    override__isnull=True,
                )
                | Q(
                    coupon__isnull=True,
                    entry__isnull=True,
                    multiplier__isnull=False,
                    override__isnull=True,
                )
                | Q(
                    coupon__isnull=True,
                    entry__isnull=True,
                    multiplier__isnull=True,
                    override__isnull=False,
                ),
                name="birthdaygrant_gave_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.perk} · {self.year}"
