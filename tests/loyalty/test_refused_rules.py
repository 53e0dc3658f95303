"""Rules that contradict themselves: refused by the service and in the form, one line each."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from common.errors import DomainError
from loyalty.forms import RuleForm
from loyalty.models import (
    Channel,
    EarningRule,
    Partner,
    PointType,
    ProductCategory,
    RuleScope,
)
from loyalty.services.configuration import create_rule, revise_rule
from tests.factories import StoreFactory

from .programmes import base_points

pytestmark = pytest.mark.django_db

FIXED: dict[str, Any] = {"points": 50, "per_amount": None}
TIMES: dict[str, Any] = {"points": 0, "per_amount": None, "factor": Decimal(2)}
VISIT: dict[str, Any] = {"trigger": "check_in", "points": 5, "per_amount": None}
REVIEW: dict[str, Any] = {**VISIT, "trigger": "review"}
# From Monday, 10 November, to Wednesday.
THREE_DAYS: dict[str, Any] = {"starts_on": date(2025, 11, 10), "ends_on": date(2025, 11, 12)}

# What is written, the code of the refusal, and the field of the form that says so.
TABLE: list[tuple[dict[str, Any], str, str]] = [
    ({"points": 0}, "rule_gives_nothing", "points"),
    ({"points": -1}, "rule_gives_nothing", "points"),
    ({"points": Decimal("1.5")}, "rule_gives_nothing", "points"),
    ({"points": True}, "rule_gives_nothing", "points"),
    ({"points": 1_000_001}, "rule_gives_too_much", "points"),
    ({"per_amount": Decimal(0)}, "rate_not_positive", "per_amount"),
    ({"per_amount": Decimal(-1)}, "rate_not_positive", "per_amount"),
    ({"factor": Decimal(2)}, "rule_gives_and_multiplies", "factor"),
    ({**TIMES, "per_amount": Decimal(1)}, "rule_gives_and_multiplies", "factor"),
    ({**TIMES, "factor": Decimal(0)}, "multiplier_changes_nothing", "factor"),
    ({**TIMES, "factor": Decimal(1)}, "multiplier_changes_nothing", "factor"),
    ({**TIMES, "factor": Decimal(-2)}, "multiplier_changes_nothing", "factor"),
    ({**VISIT, "per_amount": Decimal(1)}, "rate_without_purchase", "per_amount"),
    ({"minimum_spend": Decimal(0)}, "minimum_spend_not_positive", "minimum_spend"),
    ({**REVIEW, "minimum_spend": Decimal(5)}, "condition_needs_purchase", "minimum_spend"),
    ({**VISIT, "stores": "store"}, "condition_needs_purchase", "stores"),
    ({**VISIT, "channels": "channel"}, "condition_needs_purchase", "channels"),
    ({**REVIEW, "partners": "partner"}, "condition_needs_purchase", "partners"),
    ({**REVIEW, "categories": "category"}, "condition_needs_purchase", "categories"),
    ({"streak_every": 7}, "streak_needs_check_in", "streak_every"),
    ({**REVIEW, "streak_every": 7}, "streak_needs_check_in", "streak_every"),
    ({**VISIT, "streak_every": 1}, "streak_too_short", "streak_every"),
    (
        {"starts_on": date(2025, 11, 12), "ends_on": date(2025, 11, 11)},
        "ends_before_it_starts",
        "ends_on",
    ),
    ({"hour_from": time(22)}, "hours_incomplete", "hour_to"),
    ({"hour_to": time(22)}, "hours_incomplete", "hour_to"),
    ({"hour_from": time(22), "hour_to": time(22)}, "hours_equal", "hour_to"),
    ({"weekdays": [7]}, "weekday_unknown", "weekdays"),
    ({**THREE_DAYS, "weekdays": [3, 6]}, "no_such_day", "weekdays"),
    ({"member_from": "30D", "member_until": "30D"}, "ages_exclude", "member_until"),
    ({"member_from": "2Y", "member_until": "12M"}, "ages_exclude", "member_until"),
    ({"member_from": "a while"}, "period_invalid", "member_from"),
    ({"member_until": "12M/month"}, "period_not_plain", "member_until"),
    ({"member_until": "anniversary"}, "period_not_plain", "member_until"),
    ({"member_until": "0D"}, "period_zero", "member_until"),
    ({**FIXED, "cap_day": 49}, "cap_below_one_grant", "cap_day"),
    ({**FIXED, "cap_ever": 49}, "cap_below_one_grant", "cap_ever"),
    ({**FIXED, "budget": 49}, "cap_below_one_grant", "budget"),
    ({"points": 3, "cap_day": 2}, "cap_below_one_grant", "cap_day"),
    ({"minimum_spend": Decimal(100), "cap_day": 99}, "cap_below_one_grant", "cap_day"),
    ({"cap_day": 0}, "cap_below_one_grant", "cap_day"),
    ({"cap_day": 500, "cap_month": 499}, "caps_do_not_rise", "cap_month"),
    ({"cap_day": 500, "cap_ever": 499}, "caps_do_not_rise", "cap_ever"),
    ({"cap_month": 500, "budget": 499}, "caps_do_not_rise", "budget"),
    ({**TIMES, "factor": Decimal("0.5"), "cap_day": 9}, "cap_limits_nothing", "cap_day"),
]
# What is not wrong, one step from a line above.
RIGHT: list[dict[str, Any]] = [
    {"points": 1_000_000},
    {**TIMES, "factor": Decimal("0.5")},
    {**TIMES, "trigger": "check_in"},
    {**VISIT, "streak_every": 2},
    {"starts_on": date(2025, 11, 11), "ends_on": date(2025, 11, 11)},
    {"hour_from": time(22), "hour_to": time(2)},
    {**THREE_DAYS, "weekdays": [2, 6]},
    {"member_from": "30D", "member_until": "31D"},
    {**FIXED, "cap_day": 50, "cap_month": 50, "cap_ever": 50, "budget": 50},
    {"minimum_spend": Decimal(100), "cap_day": 100},
    {**TIMES, "cap_day": 1},
]


@pytest.fixture
def base() -> PointType:
    return base_points()


@pytest.fixture
def things() -> dict[str, Any]:
    return {
        "store": StoreFactory.create(),
        "channel": Channel.objects.create(code="app", name_en="App"),
        "partner": Partner.objects.create(code="hotel", name_en="Hotel"),
        "category": ProductCategory.objects.create(code="tea", name_en="Tea"),
    }


def wording(base: PointType, things: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """A plain rule with changes; a thing is named by its sort."""
    plain = {"name_en": "Rule", "point_type": base, "points": 1, "per_amount": Decimal(1)}
    named = {
        name: [things[value]] if name in ("stores", "channels", "partners", "categories") else value
        for name, value in written.items()
    }
    return {**plain, **named}


def typed(words: dict[str, Any]) -> dict[str, Any]:
    """The same as a browser sends it."""
    sent: dict[str, Any] = {}
    for name, value in words.items():
        if name == "weekdays":
            sent[name] = [str(day) for day in value]
        elif name in ("stores", "channels", "partners", "categories"):
            sent[name] = [str(thing.pk) for thing in value]
        elif value is not None and not (name == "points" and value == 0 and "factor" in words):
            sent[name] = value.pk if isinstance(value, PointType) else str(value)
    return {"code": "rule", **sent}


@pytest.mark.parametrize(("written", "code", "field"), TABLE)
def test_are_refused_by_the_service(
    base: PointType, things: dict[str, Any], written: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        create_rule(code="rule", **wording(base, things, written))
    assert refusal.value.code == code
    assert "%(" not in str(refusal.value)
    assert not EarningRule.objects.exists()
    assert not RuleScope.objects.exists()


@pytest.mark.parametrize(("written", "code", "field"), TABLE)
def test_are_refused_in_the_form(
    base: PointType, things: dict[str, Any], written: dict[str, Any], code: str, field: str
) -> None:
    form = RuleForm(typed(wording(base, things, written)))
    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert not form.draft


@pytest.mark.parametrize("written", RIGHT)
def test_are_none_of_these(
    base: PointType, things: dict[str, Any], written: dict[str, Any]
) -> None:
    words = wording(base, things, written)
    form = RuleForm(typed(words))
    assert form.is_valid(), form.errors
    assert create_rule(code="rule", **words).is_current


def test_are_refused_as_a_new_version_too(base: PointType) -> None:
    rule = create_rule(
        code="rule", name_en="Rule", point_type=base, points=1, per_amount=Decimal(1), cap_day=500
    )
    with pytest.raises(DomainError) as refusal:
        revise_rule(rule=rule, cap_month=400)
    assert refusal.value.code == "caps_do_not_rise"
    assert str(refusal.value) == "This must be at least 500, which a narrower cap already allows."
    assert EarningRule.objects.get().is_current
