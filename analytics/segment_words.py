"""A segment's definition as one sentence, in the active language."""

from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext, pgettext_lazy

from analytics.rules.segments import (
    AT_LEAST,
    AT_MOST,
    EXACTLY,
    IS,
    NONE_OF,
    ON_OR_AFTER,
    ON_OR_BEFORE,
    ONE_OF,
    Condition,
    Definition,
    Group,
    Kind,
    Match,
)
from analytics.segment_options import options_of
from common.admin.columns import spoken_date
from common.money import format_money
from common.numbers import format_number

_AT_LEAST = pgettext_lazy("segment", "%(field)s is at least %(value)s")
_AT_MOST = pgettext_lazy("segment", "%(field)s is at most %(value)s")
# A whole template for each way of asking: languages order these words differently.
_TEMPLATES: dict[tuple[Kind, str], str | Promise] = {
    (Kind.NUMBER, AT_LEAST): _AT_LEAST,
    (Kind.NUMBER, AT_MOST): _AT_MOST,
    (Kind.NUMBER, EXACTLY): pgettext_lazy("segment", "%(field)s is exactly %(value)s"),
    (Kind.MONEY, AT_LEAST): _AT_LEAST,
    (Kind.MONEY, AT_MOST): _AT_MOST,
    (Kind.PERCENT, AT_LEAST): _AT_LEAST,
    (Kind.PERCENT, AT_MOST): _AT_MOST,
    (Kind.DAYS_AGO, AT_LEAST): pgettext_lazy(
        "segment", "%(field)s was at least %(value)s days ago"
    ),
    (Kind.DAYS_AGO, AT_MOST): pgettext_lazy("segment", "%(field)s was at most %(value)s days ago"),
    (Kind.DATE, ON_OR_AFTER): pgettext_lazy("segment", "%(field)s is on or after %(value)s"),
    (Kind.DATE, ON_OR_BEFORE): pgettext_lazy("segment", "%(field)s is on or before %(value)s"),
    (Kind.CHOICE, ONE_OF): pgettext_lazy("segment", "%(field)s is one of %(value)s"),
    (Kind.CHOICE, NONE_OF): pgettext_lazy("segment", "%(field)s is none of %(value)s"),
    (Kind.YES_NO, IS): pgettext_lazy("segment", "%(field)s: %(value)s"),
}


def sentence(definition: Definition) -> str:
    """Whom the definition means: groups of more than one condition stand in brackets."""
    names: dict[str, dict[str, str]] = {}
    parts = [_group(group, names, is_alone=len(definition.groups) == 1)
             for group in definition.groups]  # fmt: skip
    return gettext("Members of whom it is true: %(conditions)s.") % {
        "conditions": _joined(definition.match, parts)
    }


def _group(group: Group, names: dict[str, dict[str, str]], *, is_alone: bool) -> str:
    text = _joined(group.match, [_condition(found, names) for found in group.conditions])
    if is_alone or len(group.conditions) == 1:
        return text
    return pgettext("segment", "(%(conditions)s)") % {"conditions": text}


def _joined(match: Match, parts: list[str]) -> str:
    link = pgettext("segment", " and ") if match == Match.ALL else pgettext("segment", " or ")
    return link.join(parts)


def _condition(condition: Condition, names: dict[str, dict[str, str]]) -> str:
    template = _TEMPLATES[condition.field.kind, condition.operator]
    return str(template) % {"field": condition.field.label, "value": _value(condition, names)}


def _value(condition: Condition, names: dict[str, dict[str, str]]) -> str:
    value = condition.value
    match condition.field.kind, value:
        case Kind.YES_NO, bool():
            return gettext("yes") if value else gettext("no")
        case Kind.CHOICE, tuple():
            known = names.setdefault(
                condition.field.options, dict(options_of(condition.field.options))
            )
            return pgettext("segment", ", ").join(known.get(code, code) for code in value)
        case Kind.MONEY, Decimal():
            return format_money(value)
        case Kind.PERCENT, Decimal():
            return f"{format_number(value)}%"
        case Kind.DATE, date():
            return spoken_date(value)
        case _, int():
            return format_number(value)
    raise AssertionError(condition)
