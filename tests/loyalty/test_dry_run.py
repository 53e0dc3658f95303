"""A dry run tells what every rule gives or why it does not, and writes nothing."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from loyalty import rules
from loyalty.explained import ToldRun, told_runs
from loyalty.models import (
    Activity,
    Channel,
    EarningRule,
    Partner,
    PointsEntry,
    PointType,
    ProductCategory,
    Purchase,
)
from loyalty.services.activities import check_in
from loyalty.services.configuration import create_rule
from loyalty.services.dry_run import dry_run, dry_run_check_in, dry_run_of
from loyalty.services.purchases import Line, record_purchase
from members.models import Member, Segment
from members.services import add_to_segment, take_from_segment
from tests.factories import MemberFactory, StoreFactory

from .programmes import base_points, local, spend_tiers

pytestmark = pytest.mark.django_db

# A Tuesday.
NOON = local(2025, 11, 11, 12)


@pytest.fixture
def base() -> PointType:
    return base_points()


@pytest.fixture
def member() -> Member:
    return MemberFactory.create(joined_at=local(2025, 1, 1))


def rule(base: PointType, code: str = "plain", **words: Any) -> EarningRule:
    details = {"name_en": code, "point_type": base, "points": 1, "per_amount": Decimal(1)}
    if "factor" in words:
        details |= {"points": 0, "per_amount": None}
    return create_rule(code=code, **{**details, **words})


def told(amount: str, at: datetime = NOON, **facts: Any) -> ToldRun:
    parts = facts.pop("parts", {})
    purchase = Purchase(amount=Decimal(amount), at=at, **facts)
    runs = dry_run(amount=Decimal(amount), at=at, parts=parts, **facts)
    (run,) = told_runs(runs, purchase)
    return run


def reasons(run: ToldRun, code: str) -> list[str]:
    return next(unmet.reasons for unmet in run.unmet if unmet.rule.code == code)


def test_breaks_a_purchase_down_rule_by_rule(base: PointType, member: Member) -> None:
    """¥105 at 1 per ¥1, × 1.5 for the tier, × 2 for the campaign."""
    tiers = spend_tiers()
    tiers[0].multiplier = Decimal("1.5")
    tiers[0].save(update_fields=["multiplier"])
    rule(base)
    rule(base, "double", factor=Decimal(2), starts_on=NOON.date(), ends_on=NOON.date())
    run = told("105.00", member=member)
    assert run.points == 315
    assert [(step.name, step.factor, step.exact, step.granted) for step in run.steps] == [
        ("plain", "", "105", 105),
        ("Member", "1.5", "52.5", 52),
        ("double", "2", "157.5", 158),
    ]
    assert run.unmet == []


def test_tells_what_a_cap_took(base: PointType, member: Member) -> None:
    rule(base, cap_day=100)
    (step,) = told("130.00", member=member).steps
    assert (step.points, step.granted, step.is_capped) == (130, 100, True)


def test_one_per_ten_of_99_99_gives_9(base: PointType, member: Member) -> None:
    rule(base, per_amount=Decimal(10))
    run = told("99.99", member=member)
    assert (run.points, run.steps[0].exact) == (9, "9.999")


def test_of_an_exclusive_group_only_the_higher_priority_gives(
    base: PointType, member: Member
) -> None:
    rule(base, "weak", points=5, group="welcome", priority=1)
    rule(base, "strong", points=2, group="welcome", priority=2)
    run = told("10.00", member=member)
    assert ([step.name for step in run.steps], run.points) == (["strong"], 20)
    assert reasons(run, "weak") == ["A stronger rule of the group “welcome” counts instead."]


def _tier(base: PointType) -> dict[str, Any]:
    return {"tiers": [spend_tiers()[2]]}


def _things(name: str) -> dict[str, Any]:
    models: dict[str, Any] = {
        "channels": (Channel, "App"),
        "partners": (Partner, "Hotel"),
        "categories": (ProductCategory, "Tea"),
        "segments": (Segment, "Tea lovers"),
    }
    model, label = models[name]
    return {name: [model.objects.create(code="x", name_en=label)]}


# What a rule asks, and why ¥50 at noon on Tuesday, 11 November, by a member of 2025 misses it.
ASKED: list[tuple[Callable[[PointType], dict[str, Any]], str]] = [
    (_tier, "Only for Gold; the member was Member then."),
    (
        lambda base: _things("segments"),
        "Only for the segment Tea lovers; the member was not in it then.",
    ),
    (
        lambda base: {"stores": [StoreFactory.create(name_en="Nanjing Road")]},
        "Only with Nanjing Road; this was Jing'an.",
    ),
    (lambda base: _things("channels"), "Only with App; the purchase names none."),
    (lambda base: _things("partners"), "Only with Hotel; the purchase names none."),
    (lambda base: _things("categories"), "Only for Tea; no line was of it."),
    (
        lambda base: {"minimum_spend": Decimal(100)},
        "Only from ¥100 on; what counts came to ¥50.",
    ),
    (
        lambda base: {"weekdays": [5, 6]},
        "Only on Saturdays and Sundays; this was on a Tuesday.",
    ),
    (
        lambda base: {"hour_from": time(22), "hour_to": time(2)},
        "Only between 22:00 and 02:00 the next day; this was at 12:00.",
    ),
    (
        lambda base: {"starts_on": date(2025, 11, 12)},
        "Only from November 12, 2025 on; this was on November 11, 2025.",
    ),
    (
        lambda base: {"ends_on": date(2025, 11, 10)},
        "Only until November 10, 2025; this was on November 11, 2025.",
    ),
    (
        lambda base: {"member_from": "2Y"},
        "Only for members of more than 2 years; this one joined on January 1, 2025.",
    ),
    (
        lambda base: {"member_until": "30D"},
        "Only in the first 30 days of membership; this one joined on January 1, 2025.",
    ),
]


@pytest.mark.parametrize(("asked", "reason"), ASKED)
def test_says_which_condition_failed(
    base: PointType,
    member: Member,
    asked: Callable[[PointType], dict[str, Any]],
    reason: str,
) -> None:
    rule(base)
    rule(base, "asking", points=2, **asked(base))
    store = StoreFactory.create(name_en="Jing'an")
    run = told("50.00", member=member, store=store)
    assert (run.points, reasons(run, "asking")) == (50, [reason])
    with override("zh-hans"):
        (chinese,) = reasons(told("50.00", member=member, store=store), "asking")
    assert "Only" not in chinese


def test_says_every_condition_that_failed(base: PointType) -> None:
    rule(base, "asking", weekdays=[5], minimum_spend=Decimal(100), member_from="1M")
    assert reasons(told("50.00"), "asking") == [
        "Only on Saturdays; this was on a Tuesday.",
        "Only for members of more than 1 month; no member was named.",
        "Only from ¥100 on; what counts came to ¥50.",
    ]


def test_names_failing_conditions_without_a_database() -> None:
    occasion = rules.Occasion(trigger="check_in", at=NOON, streak=6)
    asked = rules.Conditions(tiers=frozenset({1}), streak_every=7)
    assert list(rules.failing("check_in", asked, occasion)) == ["tiers", "streak_every"]
    assert list(rules.failing("review", rules.Conditions(), occasion)) == ["trigger"]


def test_knows_the_segments_of_that_day(base: PointType, member: Member) -> None:
    segment = Segment.objects.create(code="tea", name_en="Tea lovers")
    rule(base, segments=[segment])
    add_to_segment(segment=segment, cards=[member.card_number], on=date(2025, 11, 10))
    take_from_segment(segment=segment, cards=[member.card_number], on=date(2025, 11, 11))
    instants = [local(2025, 11, 9, 23, 59), local(2025, 11, 10), local(2025, 11, 10, 23, 59), NOON]
    assert [told("10.00", at, member=member).points for at in instants] == [0, 10, 10, 0]


def test_a_purchase_asks_for_segments_only_where_a_rule_does(
    base: PointType, member: Member
) -> None:
    def asked(number: str) -> bool:
        with CaptureQueriesContext(connection) as captured:
            buy(member, number)
        return any("segmentmembership" in query["sql"] for query in captured)

    rule(base)
    assert not asked("1")
    segment = Segment.objects.create(code="tea", name_en="Tea lovers")
    rule(base, "more", segments=[segment])
    add_to_segment(segment=segment, cards=[member.card_number], on=date(2025, 11, 11))
    assert asked("2")
    assert PointsEntry.objects.get(purchase__external_id="2").points == 200


def buy(member: Member, number: str, **facts: Any) -> Purchase:
    return record_purchase(
        source="till",
        external_id=number,
        at=NOON,
        amount=Decimal("100.00"),
        member=member,
        now=NOON,
        **facts,
    )


def table_sizes() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_writes_nothing(base: PointType, member: Member) -> None:
    tea = ProductCategory.objects.create(code="tea", name_en="Tea")
    rule(base, cap_day=150, budget=1000, group="g")
    rule(base, "tea", points=5, categories=[tea], cap_ever=10, group="g", priority=1)
    rule(base, "visit", trigger="check_in", per_amount=None, points=5, budget=50)
    lines = [Line("t", Decimal(1), Decimal(100), Decimal("100.00"), category=tea)]
    purchase = buy(member, "1", lines=lines)
    before = table_sizes()
    with CaptureQueriesContext(connection) as captured:
        imagined = dry_run(amount=Decimal(60), at=NOON, member=member, parts={tea.pk: Decimal(60)})
        again = dry_run_of(purchase)
        told_runs([*imagined, *again], purchase)
        dry_run_check_in(member=member, at=NOON)
    assert {query["sql"].split()[0] for query in captured} == {"SELECT"}
    assert not any("FOR UPDATE" in query["sql"] for query in captured)
    assert table_sizes() == before


def test_tells_what_the_next_check_in_gives(base: PointType, member: Member) -> None:
    rule(base, "visit", trigger="check_in", per_amount=None, points=5)
    rule(base, "three", trigger="check_in", per_amount=None, points=20, streak_every=3)
    given = []
    for day in (8, 9, 10):
        at = local(2025, 11, day, 9)
        (run,) = dry_run_check_in(member=member, at=at)
        given.append((run.earning.points, [unmet.reasons for unmet in run.unmet]))
        check_in(member=member, now=at)
    assert given == [(5, [("streak_every",)]), (5, [("streak_every",)]), (25, [])]
    assert [activity.streak for activity in Activity.objects.order_by("pk")] == [1, 2, 3]
    assert PointsEntry.objects.total() == 35
