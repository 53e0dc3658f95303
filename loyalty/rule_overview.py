"""A rule's page: what it says, its versions and what changed, what its caps have let through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.db.models import Count, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from common.money import format_money
from common.numbers import format_number
from loyalty.models import EarningRule, RuleCounter, RuleScope
from loyalty.sentences import all_of, names_of, rule_sentence, weekday_names
from loyalty.services.caps import BUDGET, window_of

LANGUAGES = ("en", "zh-hans")

# What a rule is limited to, as a change between versions names it.
LIMITS: Sequence[tuple[str, Promise]] = (
    ("tiers", _("Tiers")),
    ("segments", _("Segments")),
    ("stores", _("Stores")),
    ("channels", _("Channels")),
    ("partners", _("Partners")),
    ("categories", _("Product categories")),
)
CAP_LABELS = {
    "day": _("Today"),
    "month": _("This month"),
    "ever": _("Ever"),
    BUDGET: _("Budget of all members together"),
}


@dataclass(frozen=True)
class Change:
    """A field that reads otherwise than in the version before; empty where there was nothing."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Version:
    """One version of a rule, and what changed with it; the first changed nothing."""

    rule: EarningRule
    sentence: str
    changes: list[Change]


@dataclass(frozen=True)
class CapUse:
    """What one cap allows and has let through: of each member, or of all together."""

    label: str | Promise
    most: int
    used: int
    members: int
    at_the_cap: int
    is_budget: bool

    @property
    def percent(self) -> int:
        """How much of a budget is gone, rounded down."""
        return min(100, 100 * self.used // self.most) if self.most else 100


@dataclass(frozen=True)
class RuleOverview:
    """Everything that a rule's page tells besides its own columns."""

    sentences: list[str]
    versions: list[Version]
    caps: list[CapUse]


def rule_overview(rule: EarningRule, today: date) -> RuleOverview:
    """The page of one version of a rule; caps belong to the rule, whatever the version."""
    return RuleOverview(
        sentences=sentences_of(rule),
        versions=versions_of(rule.code),
        caps=[_cap_use(rule, cap, most, today) for cap, most in rule.caps().items()],
    )


def sentences_of(rule: EarningRule, scopes: Sequence[RuleScope] | None = None) -> list[str]:
    """What a rule says in both languages of the programme."""
    told = []
    for language in LANGUAGES:
        with override(language):
            told.append(rule_sentence(rule, scopes))
    return told


def versions_of(code: str) -> list[Version]:
    """Every version of a rule, the newest first, each with what it changed."""
    rules = list(EarningRule.objects.versions(code).with_words())
    befores: list[EarningRule | None] = [*rules[1:], None]
    return [
        Version(
            rule=rule,
            sentence=rule_sentence(rule),
            changes=changes_between(before, rule) if before else [],
        )
        for rule, before in zip(rules, befores, strict=True)
    ]


def changes_between(before: EarningRule, after: EarningRule) -> list[Change]:
    """The fields and limits that read otherwise in a later version."""
    changes = []
    for name in EarningRule.WORDING:
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            label = str(label_for_field(name.removesuffix("_id"), EarningRule))
            changes.append(Change(label, _shown(before, name), _shown(after, name)))
    old_names, new_names = names_of(before), names_of(after)
    for name, title in LIMITS:
        was, now = all_of(getattr(old_names, name)), all_of(getattr(new_names, name))
        if was != now:
            changes.append(Change(str(title), was, now))
    return changes


def _shown(rule: EarningRule, name: str) -> str:
    """A field as people read it; empty for nothing."""
    value: Any = getattr(rule, name)
    if value is None or value == "" or value == []:
        return ""
    match name:
        case "point_type_id":
            return rule.point_type.name
        case "trigger":
            return rule.get_trigger_display()
        case "weekdays":
            return weekday_names(value)
        case "per_amount" | "minimum_spend":
            return format_money(value)
        case "hour_from" | "hour_to":
            return f"{value:%H:%M}"
        case "factor":
            return format_number(value.normalize())
    return format_number(value) if isinstance(value, int) else str(value)


def _cap_use(rule: EarningRule, cap: str, most: int, today: date) -> CapUse:
    if cap == BUDGET:
        used = RuleCounter.objects.budget_used(rule.code)
        return CapUse(CAP_LABELS[cap], most, used, members=0, at_the_cap=0, is_budget=True)
    counters = RuleCounter.objects.of_members(rule.code, window_of(cap, today))
    sums = counters.aggregate(
        given=Sum("used"),
        members=Count("pk", filter=Q(used__gt=0)),
        at_the_cap=Count("pk", filter=Q(used__gte=most)),
    )
    return CapUse(
        CAP_LABELS[cap],
        most,
        sums["given"] or 0,
        members=sums["members"],
        at_the_cap=sums["at_the_cap"],
        is_budget=False,
    )
