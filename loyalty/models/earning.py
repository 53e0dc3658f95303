"""How points arise: rules in versions, what they are limited to, and what their caps have used."""

from functools import reduce
from operator import or_
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Named
from common.money import MoneyField
from common.periods import PeriodField
from members.models import Member, Store

from .catalogue import Channel, Partner, ProductCategory
from .points import PointType
from .tiers import Tier


class Trigger(models.TextChoices):
    """What can earn points."""

    PURCHASE = "purchase", _("Purchase")
    CHECK_IN = "check_in", _("Check-in")
    REVIEW = "review", _("Review")
    SHARE = "share", _("Share")
    PROFILE_COMPLETED = "profile_completed", _("Profile completed")
    SURVEY = "survey", _("Survey")
    REFERRAL = "referral", _("Referral")
    EVENT_ATTENDED = "event_attended", _("Event attended")
    BIRTHDAY = "birthday", _("Birthday")


class EarningRuleQuerySet(models.QuerySet["EarningRule"]):
    def current(self) -> Self:
        """The rules in force, with their kind of points and scopes, in a stable order."""
        return (
            self.filter(is_current=True)
            .select_related("point_type")
            .prefetch_related("scopes")
            .order_by("code", "id")
        )

    def newest_version(self, code: str) -> "EarningRule":
        """The last version of a rule, in force or not."""
        return self.filter(code=code).order_by("version").reverse()[0]


class EarningRule(Named):
    """Points for an occasion when every condition holds; an edit is a new version.

    A base gives `points` for every `per_amount` paid (or once, without one); a multiplier
    multiplies what bases gave by `factor`. Entries name the rule and the version that gave them,
    so versions stay. Dates are inclusive, hours half-open and may cross midnight, caps are points.
    """

    code = models.SlugField(_("code"), max_length=40)
    version = models.PositiveIntegerField(_("version"), default=1)
    is_current = models.BooleanField(_("in force"), default=True)
    point_type = models.ForeignKey(PointType, models.PROTECT, related_name="rules")
    trigger = models.CharField(
        _("for"), max_length=20, choices=Trigger.choices, default=Trigger.PURCHASE
    )
    points = models.PositiveIntegerField(_("points"), default=0)
    per_amount = MoneyField(_("for every"), null=True, blank=True)
    factor = models.DecimalField(
        _("multiplier"), max_digits=6, decimal_places=3, null=True, blank=True
    )
    group = models.SlugField(_("exclusive group"), max_length=40, blank=True)
    priority = models.IntegerField(_("priority"), default=0)
    minimum_spend = MoneyField(_("minimum spend"), null=True, blank=True)
    weekdays = models.JSONField(_("days of the week"), default=list, blank=True)
    hour_from = models.TimeField(_("from"), null=True, blank=True)
    hour_to = models.TimeField(_("until"), null=True, blank=True)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    member_from = PeriodField(_("member for longer than"), plain_only=True, blank=True)
    member_until = PeriodField(_("member for at most"), plain_only=True, blank=True)
    streak_every = models.PositiveSmallIntegerField(
        _("every day of a streak"), null=True, blank=True
    )
    cap_day = models.PositiveBigIntegerField(_("most a day"), null=True, blank=True)
    cap_month = models.PositiveBigIntegerField(_("most a month"), null=True, blank=True)
    cap_ever = models.PositiveBigIntegerField(_("most ever"), null=True, blank=True)
    budget = models.PositiveBigIntegerField(_("budget"), null=True, blank=True)

    # What an operator writes; the rest numbers the versions.
    WORDING = (
        "name_en",
        "name_zh",
        "point_type_id",
        "trigger",
        "points",
        "per_amount",
        "factor",
        "group",
        "priority",
        "minimum_spend",
        "weekdays",
        "hour_from",
        "hour_to",
        "starts_on",
        "ends_on",
        "member_from",
        "member_until",
        "streak_every",
        "cap_day",
        "cap_month",
        "cap_ever",
        "budget",
    )

    objects = EarningRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("earning rule")
        verbose_name_plural = _("earning rules")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="rule_version_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(is_current=True), name="rule_one_current_version"
            ),
            models.CheckConstraint(
                condition=Q(factor__isnull=True, points__gt=0)
                | Q(factor__isnull=False, factor__gt=0, points=0),
                name="rule_gives_or_multiplies",
            ),
            models.CheckConstraint(
                condition=Q(per_amount__isnull=True) | Q(per_amount__gt=0, trigger="purchase"),
                name="rule_amount_positive",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(starts_on__lte=models.F("ends_on")),
                name="rule_starts_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(hour_from__isnull=True, hour_to__isnull=True)
                | (
                    Q(hour_from__isnull=False, hour_to__isnull=False)
                    & ~Q(hour_from=models.F("hour_to"))
                ),
                name="rule_hours_both_or_none",
            ),
        ]

    def says_the_same_as(self, other: "EarningRule") -> bool:
        """Whether another version reads and gives the same."""
        return all(getattr(self, name) == getattr(other, name) for name in self.WORDING)

    def caps(self) -> dict[str, int]:
        """The caps that are set, by name."""
        named = {
            "day": self.cap_day,
            "month": self.cap_month,
            "ever": self.cap_ever,
            "budget": self.budget,
        }
        return {name: most for name, most in named.items() if most is not None}


SCOPES = ("tier", "store", "channel", "partner", "category")


def _only(sort: str, sorts: tuple[str, ...]) -> Q:
    """Exactly this one of several references is set."""
    others = {f"{other}__isnull": True for other in sorts if other != sort}
    return Q(**{f"{sort}__isnull": False}, **others)


class RuleScope(models.Model):
    """One thing that a rule is limited to; of several of a sort any will do."""

    rule = models.ForeignKey(EarningRule, models.CASCADE, related_name="scopes")
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+")
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, related_name="+")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    category = models.ForeignKey(
        ProductCategory, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("limit of a rule")
        verbose_name_plural = _("limits of a rule")
        constraints = [
            models.CheckConstraint(
                condition=reduce(or_, (_only(sort, SCOPES) for sort in SCOPES)),
                name="rule_scope_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.thing)

    @property
    def thing(self) -> Any:
        """The tier, store, channel, partner or category itself."""
        return next(found for sort in SCOPES if (found := getattr(self, sort)) is not None)


class RuleCounter(models.Model):
    """Points that a rule's cap has let through: per member and window, or of the whole budget.

    Windows read `day:2025-11-11`, `month:2025-11`, `ever` and `budget`. Counters belong to the
    rule, not to a version: a new wording does not fill an old budget again.
    """

    rule_code = models.SlugField(_("rule"), max_length=40)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="rule_counters"
    )
    window = models.CharField(_("window"), max_length=20)
    used = models.BigIntegerField(_("used"), default=0)

    class Meta:
        verbose_name = _("used of a cap")
        verbose_name_plural = _("used of caps")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "rule_code", "window"],
                condition=Q(member__isnull=False),
                name="counter_once_per_member",
            ),
            models.UniqueConstraint(
                fields=["rule_code", "window"],
                condition=Q(member__isnull=True),
                name="counter_once_per_budget",
            ),
            models.CheckConstraint(condition=Q(used__gte=0), name="counter_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_code} {self.window}"
