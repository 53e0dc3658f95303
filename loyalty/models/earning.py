"""How points arise: rules in versions, what they are limited to, and what their caps have used."""

from datetime import date
from functools import reduce
from itertools import combinations
from operator import or_
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import Named
from common.money import MoneyField
from common.periods import PeriodField
from members.models import Member, Segment, Store, User

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


SCOPES = ("tier", "segment", "store", "channel", "partner", "category")
# From the narrowest to the widest: each allows at least what the ones before it do.
CAPS = ("cap_day", "cap_month", "cap_ever", "budget")


def _unless_both_set(lower: str, higher: str) -> Q:
    """A cap is at most the wider one, where there are both."""
    unset = Q(**{f"{lower}__isnull": True}) | Q(**{f"{higher}__isnull": True})
    return unset | Q(**{f"{lower}__lte": models.F(higher)})


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
        return self.versions(code)[0]

    def versions(self, code: str) -> Self:
        """Every version of a rule, the newest first."""
        return self.filter(code=code).order_by("-version")

    def with_words(self) -> Self:
        """With all that a rule's sentence names: two queries for any number of rules."""
        scopes = RuleScope.objects.select_related(*SCOPES).order_by("pk")
        return self.select_related("point_type").prefetch_related(models.Prefetch("scopes", scopes))

    def dated(self) -> Self:
        """Campaigns: the rules that begin or end on a day."""
        return self.exclude(starts_on=None, ends_on=None)

    def campaigns(self) -> Self:
        """The last version of each rule with dates, in force or not; the latest to begin first."""
        newer = EarningRule.objects.filter(code=OuterRef("code"), version__gt=OuterRef("version"))
        return (
            self.dated()
            .filter(~Exists(newer))
            .order_by(F("starts_on").desc(nulls_last=True), "code")
        )

    def running(self, day: date) -> Self:
        """The rules in force whose dates hold on a business date."""
        begun = Q(starts_on=None) | Q(starts_on__lte=day)
        return self.filter(begun, Q(ends_on=None) | Q(ends_on__gte=day), is_current=True)

    def giving(self, trigger: str, day: date) -> Self:
        """The bases in force whose dates hold on a business date."""
        return self.running(day).filter(trigger=trigger, factor=None)

    def upcoming(self, day: date) -> Self:
        """The rules in force that begin after a business date."""
        return self.filter(starts_on__gt=day, is_current=True)

    def over(self, day: date) -> Self:
        """The rules in force whose last day was before a business date."""
        return self.filter(ends_on__lt=day, is_current=True)


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
    written_at = models.DateTimeField(_("written at"), default=clock.now, null=True, editable=False)
    written_by = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name=_("written by"),
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

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
            models.CheckConstraint(
                condition=reduce(
                    Q.__and__, (_unless_both_set(*pair) for pair in combinations(CAPS, 2))
                ),
                name="rule_caps_rise",
            ),
            models.CheckConstraint(
                condition=Q(factor__isnull=True) | ~Q(factor=1), name="rule_factor_changes_points"
            ),
            models.CheckConstraint(
                condition=Q(minimum_spend__isnull=True)
                | Q(minimum_spend__gt=0, trigger="purchase"),
                name="rule_minimum_spend_of_a_purchase",
            ),
            models.CheckConstraint(
                condition=Q(streak_every__isnull=True) | Q(streak_every__gt=1, trigger="check_in"),
                name="rule_streak_of_check_ins",
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


def _only(sort: str, sorts: tuple[str, ...]) -> Q:
    """Exactly this one of several references is set."""
    others = {f"{other}__isnull": True for other in sorts if other != sort}
    return Q(**{f"{sort}__isnull": False}, **others)


class RuleScope(models.Model):
    """One thing that a rule is limited to; of several of a sort any will do."""

    rule = models.ForeignKey(EarningRule, models.CASCADE, related_name="scopes")
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+")
    segment = models.ForeignKey(Segment, models.PROTECT, null=True, blank=True, related_name="+")
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
        """The tier, segment, store, channel, partner or category itself."""
        return next(found for sort in SCOPES if (found := getattr(self, sort)) is not None)


class RuleCounterQuerySet(models.QuerySet["RuleCounter"]):
    def of_members(self, rule_code: str, window: str) -> Self:
        """What each member has used of one window of a rule."""
        return self.filter(rule_code=rule_code, window=window, member__isnull=False)

    def budget_used(self, rule_code: str) -> int:
        """What a rule's whole budget has let through."""
        counters = self.filter(rule_code=rule_code, window="budget", member__isnull=True)
        return counters.values_list("used", flat=True).first() or 0


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

    objects = RuleCounterQuerySet.as_manager()

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
        indexes = [models.Index(fields=["rule_code", "window"], name="counter_by_rule")]

    def __str__(self) -> str:
        return f"{self.rule_code} {self.window}"
