"""What a segment may ask of members: a fixed catalogue of fields, and definitions in its words.

A definition is JSON of two storeys: groups joined by all or any, each of conditions joined by all
or any. Nothing in it names a column: a field that the catalogue does not know is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from analytics.errors import DefinitionNotValid

MOST_GROUPS = 5
MOST_CONDITIONS = 20
MOST_CHOICES = 50
LARGEST = 1_000_000_000


class Kind(StrEnum):
    """What a field holds: it decides the operators and how a value is read."""

    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    DAYS_AGO = "days_ago"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


class Match(StrEnum):
    ALL = "all"
    ANY = "any"


Value = int | Decimal | date | bool | tuple[str, ...]

AT_LEAST, AT_MOST, EXACTLY = "at_least", "at_most", "exactly"
ON_OR_AFTER, ON_OR_BEFORE = "on_or_after", "on_or_before"
ONE_OF, NONE_OF, IS = "one_of", "none_of", "is"

OPERATORS: dict[Kind, dict[str, str | Promise]] = {
    Kind.NUMBER: {
        AT_LEAST: pgettext_lazy("segment", "is at least"),
        AT_MOST: pgettext_lazy("segment", "is at most"),
        EXACTLY: pgettext_lazy("segment", "is exactly"),
    },
    Kind.MONEY: {
        AT_LEAST: pgettext_lazy("segment", "is at least"),
        AT_MOST: pgettext_lazy("segment", "is at most"),
    },
    Kind.PERCENT: {
        AT_LEAST: pgettext_lazy("segment", "is at least"),
        AT_MOST: pgettext_lazy("segment", "is at most"),
    },
    Kind.DAYS_AGO: {
        AT_LEAST: pgettext_lazy("segment", "at least so many days ago"),
        AT_MOST: pgettext_lazy("segment", "at most so many days ago"),
    },
    Kind.DATE: {
        ON_OR_AFTER: pgettext_lazy("segment", "is on or after"),
        ON_OR_BEFORE: pgettext_lazy("segment", "is on or before"),
    },
    Kind.CHOICE: {
        ONE_OF: pgettext_lazy("segment", "is one of"),
        NONE_OF: pgettext_lazy("segment", "is none of"),
    },
    Kind.YES_NO: {IS: pgettext_lazy("segment", "is")},
}


@dataclass(frozen=True)
class Field:
    """One thing that may be asked. `options` names the list that its choices are of."""

    name: str
    label: str | Promise
    kind: Kind
    chapter: str
    options: str = ""

    @property
    def operators(self) -> Mapping[str, str | Promise]:
        return OPERATORS[self.kind]


CHAPTERS: dict[str, str | Promise] = {
    "profile": pgettext_lazy("segment", "Profile"),
    "purchases": pgettext_lazy("segment", "Purchases"),
    "metrics": pgettext_lazy("segment", "Figures"),
    "tiers": pgettext_lazy("segment", "Tiers"),
    "behaviour": pgettext_lazy("segment", "Behaviour"),
    "tags": pgettext_lazy("segment", "Tags"),
}

_PROFILE = (
    Field("joined_ago", _("joining"), Kind.DAYS_AGO, "profile"),
    Field("joined_on", _("day of joining"), Kind.DATE, "profile"),
    Field("home_store", _("home store"), Kind.CHOICE, "profile", "stores"),
    Field("language", _("language"), Kind.CHOICE, "profile", "languages"),
    Field("birth_month", _("month of birth"), Kind.CHOICE, "profile", "months"),
    Field("has_login", _("has a login"), Kind.YES_NO, "profile"),
    Field("status", _("membership"), Kind.CHOICE, "profile", "statuses"),
)
_PURCHASES = (
    Field("bought", _("has ever bought"), Kind.YES_NO, "purchases"),
    Field("last_purchase_ago", _("last purchase"), Kind.DAYS_AGO, "purchases"),
    Field("first_purchase_on", _("first purchase"), Kind.DATE, "purchases"),
    Field("orders", _("orders"), Kind.NUMBER, "purchases"),
    Field("orders_365", _("orders of 365 days"), Kind.NUMBER, "purchases"),
    Field("money", _("net spend"), Kind.MONEY, "purchases"),
    Field("money_365", _("net spend of 365 days"), Kind.MONEY, "purchases"),
    Field("money_90", _("net spend of 90 days"), Kind.MONEY, "purchases"),
    Field("bought_at", _("store bought at in 365 days"), Kind.CHOICE, "purchases", "stores"),
    Field(
        "bought_category",
        _("category bought in 365 days"),
        Kind.CHOICE,
        "purchases",
        "categories",
    ),
    Field("favourite_store", _("favourite store"), Kind.CHOICE, "purchases", "stores"),
    Field("favourite_category", _("favourite category"), Kind.CHOICE, "purchases", "categories"),
    Field("favourite_weekday", _("favourite weekday"), Kind.CHOICE, "purchases", "weekdays"),
)
_METRICS = (
    Field("recency_score", _("recency score"), Kind.NUMBER, "metrics"),
    Field("frequency_score", _("frequency score"), Kind.NUMBER, "metrics"),
    Field("money_score", _("money score"), Kind.NUMBER, "metrics"),
    Field("health_score", _("health score"), Kind.NUMBER, "metrics"),
    Field("quadrant", _("quadrant"), Kind.CHOICE, "metrics", "quadrants"),
    Field("warning", _("warning level"), Kind.CHOICE, "metrics", "warnings"),
    Field("churn", _("churn probability"), Kind.PERCENT, "metrics"),
    Field("predicted_value", _("predicted value"), Kind.MONEY, "metrics"),
    Field("loyalty_index", _("Loyalty Index"), Kind.NUMBER, "metrics"),
)
_OTHERS = (
    Field("tier", _("tier earned"), Kind.CHOICE, "tiers", "tiers"),
    Field("visits_30", _("days in the portal of 30"), Kind.NUMBER, "behaviour"),
    Field("check_ins_30", _("check-ins of 30 days"), Kind.NUMBER, "behaviour"),
    Field("reviews_90", _("reviews of 90 days"), Kind.NUMBER, "behaviour"),
    Field("shares_90", _("shares of 90 days"), Kind.NUMBER, "behaviour"),
    Field("attended_90", _("events attended of 90 days"), Kind.NUMBER, "behaviour"),
    Field("interactions_30", _("interactions of 30 days"), Kind.NUMBER, "behaviour"),
    Field("events_30", _("portal events of 30 days"), Kind.NUMBER, "behaviour"),
    Field("last_interaction_ago", _("last interaction"), Kind.DAYS_AGO, "behaviour"),
    Field("tag", _("tag"), Kind.CHOICE, "tags", "tags"),
)
CATALOGUE: dict[str, Field] = {
    field.name: field for field in (*_PROFILE, *_PURCHASES, *_METRICS, *_OTHERS)
}


@dataclass(frozen=True)
class Condition:
    """One field, one operator, one value of the field's kind."""

    field: Field
    operator: str
    value: Value

    def as_json(self) -> dict[str, Any]:
        match self.value:
            case bool() | int():
                kept: Any = self.value
            case tuple():
                kept = list(self.value)
            case _:
                kept = str(self.value)
        return {"field": self.field.name, "operator": self.operator, "value": kept}


@dataclass(frozen=True)
class Group:
    match: Match
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Definition:
    """Who belongs: all or any of the groups, each of all or any of its conditions."""

    match: Match
    groups: tuple[Group, ...]

    def as_json(self) -> dict[str, Any]:
        """The one spelling in which it is kept."""
        groups = [
            {
                "match": group.match.value,
                "conditions": [condition.as_json() for condition in group.conditions],
            }
            for group in self.groups
        ]
        return {"match": self.match.value, "groups": groups}


def parse_definition(data: Any) -> Definition:
    """Read a definition; refuse with DefinitionNotValid, naming the place, what is none."""
    if not isinstance(data, dict) or set(data) != {"match", "groups"}:
        raise DefinitionNotValid(place="", reason=_("Groups and how they are joined are asked."))
    groups = data["groups"]
    if not isinstance(groups, list) or not 1 <= len(groups) <= MOST_GROUPS:
        raise DefinitionNotValid(
            place="", reason=_("There are from one to %(most)s groups.") % {"most": MOST_GROUPS}
        )
    parsed = tuple(_group(group, f"{number}") for number, group in enumerate(groups, start=1))
    if sum(len(group.conditions) for group in parsed) > MOST_CONDITIONS:
        raise DefinitionNotValid(
            place="",
            reason=_("There are at most %(most)s conditions.") % {"most": MOST_CONDITIONS},
        )
    return Definition(match=_match(data["match"], ""), groups=parsed)


def _group(data: Any, place: str) -> Group:
    if not isinstance(data, dict) or set(data) != {"match", "conditions"}:
        raise DefinitionNotValid(place=place, reason=_("This is no group of conditions."))
    conditions = data["conditions"]
    if not isinstance(conditions, list) or not 1 <= len(conditions) <= MOST_CONDITIONS:
        raise DefinitionNotValid(place=place, reason=_("A group has at least one condition."))
    return Group(
        match=_match(data["match"], place),
        conditions=tuple(
            parse_condition(condition, f"{place}.{number}")
            for number, condition in enumerate(conditions, start=1)
        ),
    )


def parse_condition(data: Any, place: str = "") -> Condition:
    """Read one condition by the catalogue."""
    if not isinstance(data, dict) or set(data) != {"field", "operator", "value"}:
        raise DefinitionNotValid(place=place, reason=_("This is no condition."))
    name = data["field"]
    field = CATALOGUE.get(name) if isinstance(name, str) else None
    if field is None:
        raise DefinitionNotValid(place=place, reason=_("There is no such field."))
    operator = data["operator"]
    if not isinstance(operator, str) or operator not in field.operators:
        raise DefinitionNotValid(place=place, reason=_("This field is not asked in such a way."))
    return Condition(field=field, operator=operator, value=_value(field, data["value"], place))


def _match(text: Any, place: str) -> Match:
    if text not in (Match.ALL, Match.ANY):
        raise DefinitionNotValid(place=place, reason=_("Choose all or any."))
    return Match(text)


def _value(field: Field, given: Any, place: str) -> Value:
    match field.kind:
        case Kind.YES_NO:
            value: Value | None = given if isinstance(given, bool) else None
        case Kind.CHOICE:
            value = _choices(given)
        case Kind.DATE:
            value = _date(given)
        case Kind.MONEY | Kind.PERCENT:
            value = _decimal(given, most=Decimal(100) if field.kind == Kind.PERCENT else None)
        case _:
            value = given if _is_count(given) else None
    if value is None:
        raise DefinitionNotValid(place=place, reason=_("The value does not fit the field."))
    return value


def _is_count(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= LARGEST


def _choices(given: Any) -> tuple[str, ...] | None:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_CHOICES:
        return None
    if not all(isinstance(choice, str) and 0 < len(choice) <= 80 for choice in given):
        return None
    return tuple(dict.fromkeys(given))


def _date(given: Any) -> date | None:
    try:
        return date.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None


def _decimal(given: Any, *, most: Decimal | None) -> Decimal | None:
    """A number that is no less than nothing, with two decimals at most."""
    if not isinstance(given, str) or len(given) > 20:
        return None
    try:
        number = Decimal(given)
    except InvalidOperation:
        return None
    largest = most or Decimal(LARGEST)
    is_fine = number.is_finite() and 0 <= number <= largest and number == round(number, 2)
    return number if is_fine else None
