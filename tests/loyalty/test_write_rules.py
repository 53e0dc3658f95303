"""Rules put in force, revised with all that they are limited to, copied and compared."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from loyalty.errors import RuleCodeTaken, RuleRevisedMeanwhile
from loyalty.models import EarningRule, PointType, RuleCounter
from loyalty.rule_overview import Change, rule_overview
from loyalty.services.configuration import create_rule, retire_rule, revise_rule
from loyalty.services.purchases import record_purchase
from members.models import Segment, Store
from tests.concurrency.threads import all_at_once, outcome
from tests.factories import MemberFactory, OperatorFactory, StoreFactory

from .programmes import base_points, local, spend_tiers

pytestmark = pytest.mark.django_db

NOON = local(2025, 11, 8, 12)


@pytest.fixture
def base() -> PointType:
    return base_points()


@pytest.fixture
def store() -> Store:
    return StoreFactory.create(code="NJ", name_en="Nanjing Road")


def plain(base: PointType, **words: Any) -> EarningRule:
    details = {"name_en": "Rule", "point_type": base, "points": 1, "per_amount": Decimal(1)}
    return create_rule(code="rule", **{**details, **words})


def scopes_of(rule: EarningRule) -> list[str]:
    return [str(scope) for scope in rule.scopes.order_by("pk")]


def test_is_in_force_with_everything_that_limits_it(base: PointType, store: Store) -> None:
    operator = OperatorFactory.create()
    gold = spend_tiers()[2]
    rule = plain(base, tiers=[gold], stores=[store], weekdays=[6, 5], operator=operator)
    assert (rule.version, rule.is_current, rule.weekdays) == (1, True, [5, 6])
    assert (rule.written_by, scopes_of(rule)) == (operator, ["Gold", "Nanjing Road"])


def test_is_one_rule_when_it_is_sent_twice(base: PointType, store: Store) -> None:
    first = plain(base, stores=[store])
    assert plain(base, stores=[store]) == first
    assert EarningRule.objects.count() == 1


@pytest.mark.parametrize("words", [{"points": 2}, {"stores": []}])
def test_refuses_a_code_that_another_rule_has(
    base: PointType, store: Store, words: dict[str, Any]
) -> None:
    rule = plain(base, stores=[store])
    with pytest.raises(RuleCodeTaken):
        plain(base, **{"stores": [store], **words})
    assert list(EarningRule.objects.all()) == [rule]


def test_a_new_version_keeps_what_its_wording_leaves_out(base: PointType, store: Store) -> None:
    segment = Segment.objects.create(code="tea", name_en="Tea lovers")
    rule = plain(base, stores=[store], segments=[segment], cap_day=500, weekdays=[5])
    revised = revise_rule(rule=rule, points=3, stores=[])
    assert (revised.points, revised.cap_day, revised.weekdays) == (3, 500, [5])
    assert scopes_of(revised) == ["Tea lovers"]
    assert scopes_of(rule) == ["Tea lovers", "Nanjing Road"]


def test_a_change_of_limits_alone_is_a_new_version(base: PointType, store: Store) -> None:
    rule = plain(base)
    revised = revise_rule(rule=rule, stores=[store])
    assert (revised.version, scopes_of(revised)) == (2, ["Nanjing Road"])
    assert revise_rule(rule=rule, stores=[store]) == revised
    with pytest.raises(RuleRevisedMeanwhile):
        revise_rule(rule=rule, stores=[])
    assert EarningRule.objects.count() == 2


def test_an_entry_names_the_version_that_gave_it(base: PointType) -> None:
    rule = plain(base)
    member = MemberFactory.create()
    for version in (1, 2):
        purchase = record_purchase(
            source="till",
            external_id=str(version),
            at=NOON,
            amount=Decimal(10),
            member=member,
            now=NOON,
        )
        (line,) = purchase.entries.get().breakdown["rules"]
        assert (line["rule"], line["version"], line["gives"]) == ("rule", version, f"{version}0")
        revise_rule(rule=rule, points=2)


def test_tells_what_changed_between_versions(base: PointType, store: Store) -> None:
    gold, black = spend_tiers()[2:]
    rule = plain(base, tiers=[gold], minimum_spend=Decimal(50))
    revise_rule(
        rule=rule,
        points=2,
        minimum_spend=None,
        weekdays=[5, 6],
        starts_on=date(2025, 11, 1),
        tiers=[gold, black],
        cap_day=5000,
    )
    newest, oldest = rule_overview(rule, NOON.date()).versions
    assert oldest.changes == []
    assert newest.changes == [
        Change("points", "1", "2"),
        Change("minimum spend", "CN¥50.00", ""),
        Change("days of the week", "", "Saturdays and Sundays"),
        Change("first day", "", "2025-11-01"),
        Change("most a day", "", "5,000"),
        Change("Tiers", "Gold", "Gold and Black"),
    ]


def test_shows_what_caps_and_budget_have_let_through(base: PointType) -> None:
    rule = plain(base, cap_day=100, cap_month=1000, budget=5000)
    for number, amount in enumerate((100, 300, 40)):
        record_purchase(
            source="till",
            external_id=str(number),
            at=NOON,
            amount=Decimal(amount),
            member=MemberFactory.create(),
            now=NOON,
        )
    day, month, budget = rule_overview(rule, NOON.date()).caps
    assert (day.used, day.members, day.at_the_cap, day.most) == (240, 3, 2, 100)
    assert (month.used, month.members, month.at_the_cap) == (240, 3, 0)
    assert (budget.used, budget.most, budget.percent) == (240, 5000, 4)
    tomorrow = rule_overview(rule, date(2025, 11, 9)).caps
    assert [cap.used for cap in tomorrow] == [0, 240, 240]
    assert RuleCounter.objects.count() == 7


def test_finds_campaigns_by_their_dates(base: PointType) -> None:
    for code, first, last in (
        ("always", None, None),
        ("over", date(2025, 11, 1), date(2025, 11, 7)),
        ("running", date(2025, 11, 8), date(2025, 11, 8)),
        ("upcoming", date(2025, 11, 9), None),
    ):
        create_rule(
            code=code,
            name_en=code,
            point_type=base,
            points=1,
            starts_on=first,
            ends_on=last,
        )
    retired = create_rule(code="gone", name_en="x", point_type=base, points=1)
    retire_rule(rule=retired)
    day, rules = date(2025, 11, 8), EarningRule.objects.order_by("code")

    def codes(found: Any) -> list[str]:
        return list(found.values_list("code", flat=True))

    assert codes(rules.running(day)) == ["always", "running"]
    assert codes(rules.upcoming(day)) == ["upcoming"]
    assert codes(rules.over(day)) == ["over"]
    assert codes(rules.dated()) == ["over", "running", "upcoming"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_ten_operators_at_once_write_one_version() -> None:
    rule = plain(base_points())
    revise = [
        outcome(lambda points=points: revise_rule(rule=rule, points=points), RuleRevisedMeanwhile)
        for points in range(2, 12)
    ]
    told = all_at_once(revise)
    assert sorted(told) == ["RuleRevisedMeanwhile"] * 9 + ["done"]
    assert EarningRule.objects.filter(is_current=True).get().version == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_new_rule_sent_ten_times_at_once_is_one() -> None:
    base = base_points()
    rules = all_at_once([lambda: plain(base)] * 10)
    assert len({rule.pk for rule in rules}) == 1
    assert EarningRule.objects.get().version == 1
