"""Definitions of segments as queries: each field of the catalogue has one translation here.

What operators wrote is only ever a value of a query, never a name in it.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from analytics.rules.segments import (
    AT_LEAST,
    AT_MOST,
    EXACTLY,
    NONE_OF,
    ON_OR_AFTER,
    ON_OR_BEFORE,
    Condition,
    Definition,
    Group,
    Kind,
    Match,
)
from loyalty.models import Purchase, PurchaseLine
from members.models import Member, MemberTag

# A condition of choices, given the codes and the day, is about members who have one of them.
Choose = Callable[[tuple[str, ...], date], Q]

# Where a field that is a column stands, from a member's side.
COLUMNS: dict[str, str] = {
    "joined_ago": "joined_on",
    "joined_on": "joined_on",
    "last_purchase_ago": "metrics__last_purchase_on",
    "first_purchase_on": "metrics__first_purchase_on",
    "last_interaction_ago": "metrics__last_interaction_on",
    "orders": "metrics__orders",
    "orders_365": "metrics__orders_365",
    "money": "metrics__money",
    "money_365": "metrics__money_365",
    "money_90": "metrics__money_90",
    "recency_score": "metrics__recency_score",
    "frequency_score": "metrics__frequency_score",
    "money_score": "metrics__money_score",
    "health_score": "metrics__health_score",
    "predicted_value": "metrics__predicted_value",
    "loyalty_index": "metrics__loyalty_index",
    "visits_30": "metrics__visits_30",
    "check_ins_30": "metrics__check_ins_30",
    "reviews_90": "metrics__reviews_90",
    "shares_90": "metrics__shares_90",
    "attended_90": "metrics__attended_90",
    "interactions_30": "metrics__interactions_30",
    "events_30": "metrics__events_30",
}
CHOSEN: dict[str, str] = {
    "home_store": "home_store__code",
    "language": "language",
    "status": "status",
    "favourite_store": "metrics__favourite_store__code",
    "favourite_category": "metrics__favourite_category__code",
    "quadrant": "metrics__quadrant",
    "tier": "standing__tier__code",
}
NUMBERED: dict[str, str] = {
    "birth_month": "birth_month",
    "favourite_weekday": "metrics__favourite_weekday",
    "warning": "metrics__warning",
}
LOOKUPS = {
    AT_LEAST: "gte",
    AT_MOST: "lte",
    EXACTLY: "exact",
    ON_OR_AFTER: "gte",
    ON_OR_BEFORE: "lte",
}


def members_meant(definition: Definition, day: date) -> QuerySet[Member]:
    """Members who belong on a business date, by the figures of the last night.

    Closed memberships belong to nothing, unless a condition asks for the membership itself.
    """
    members = Member.objects.all()
    if not _asks_for(definition, "status"):
        members = members.exclude(status=Member.Status.CLOSED)
    return members.filter(_joined(definition.match, [_of(g, day) for g in definition.groups]))


def _asks_for(definition: Definition, name: str) -> bool:
    return any(
        condition.field.name == name
        for group in definition.groups
        for condition in group.conditions
    )


def _of(group: Group, day: date) -> Q:
    return _joined(group.match, [_condition(found, day) for found in group.conditions])


def _joined(match: Match, parts: list[Q]) -> Q:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole & part if match == Match.ALL else whole | part
    return whole


def _condition(condition: Condition, day: date) -> Q:
    name, value = condition.field.name, condition.value
    match condition.field.kind:
        case Kind.CHOICE:
            assert isinstance(value, tuple)
            meant = _chosen(name, value, day)
            return ~meant if condition.operator == NONE_OF else meant
        case Kind.YES_NO:
            meant = _yes(name)
            return meant if value else ~meant
        case Kind.DAYS_AGO:
            assert isinstance(value, int)
            return _days_ago(COLUMNS[name], condition.operator, value, day)
        case Kind.PERCENT:
            assert isinstance(value, Decimal)
            return _churn(condition.operator, float(value) / 100)
    return _compared(COLUMNS[name], LOOKUPS[condition.operator], value)


def _compared(column: str, lookup: str, value: object) -> Q:
    return Q(**{f"{column}__{lookup}": value})


def _days_ago(column: str, operator: str, days: int, day: date) -> Q:
    """At least so many days ago is on or before that day; what never was is neither."""
    bound = day - timedelta(days=min(days, (day - date.min).days))
    return _compared(column, "lte" if operator == AT_LEAST else "gte", bound)


def _churn(operator: str, share: float) -> Q:
    """A churn probability is what the chance to come again leaves of one."""
    return _compared("metrics__alive", "lte" if operator == AT_LEAST else "gte", 1 - share)


def _yes(name: str) -> Q:
    return {
        "has_login": Q(user__isnull=False),
        "bought": Q(metrics__orders__gt=0),
    }[name]


def _chosen(name: str, codes: tuple[str, ...], day: date) -> Q:
    if name in CHOSEN:
        return Q(**{f"{CHOSEN[name]}__in": codes})
    if name in NUMBERED:
        numbers = [int(code) for code in codes if code.isdecimal()]
        return Q(**{f"{NUMBERED[name]}__in": numbers})
    found: dict[str, Choose] = {"tag": _tagged, "bought_at": _at, "bought_category": _in_category}
    return found[name](codes, day)


def _tagged(codes: tuple[str, ...], _day: date) -> Q:
    return Q(Exists(MemberTag.objects.filter(member=OuterRef("pk"), tag__code__in=codes)))


def _at(codes: tuple[str, ...], day: date) -> Q:
    return Q(Exists(Purchase.objects.filter(**_of_a_year(day), store__code__in=codes)))


def _in_category(codes: tuple[str, ...], day: date) -> Q:
    lines = {f"purchase__{name}": value for name, value in _of_a_year(day).items()}
    sold = PurchaseLine.objects.filter(**lines, quantity__gt=0, category__code__in=codes)
    return Q(Exists(sold))


def _of_a_year(day: date) -> dict[str, Any]:
    since = day - timedelta(days=365)
    return {
        "member": OuterRef("pk"),
        "business_date__gte": since,
        "business_date__lt": day,
    }
