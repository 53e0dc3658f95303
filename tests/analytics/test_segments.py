"""Who belongs to a segment by its conditions, as a night, a run or a file finds them."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from analytics.errors import CardsInFileUnknown, RunNotStopped, SegmentIsComputed
from analytics.jobs import (
    compute_segments,
    count_segments,
    measure_members,
    work_on_runs,
)
from analytics.models import MemberMetrics, MemberRun, SegmentRule, WarningLevel
from analytics.rules.segments import CATALOGUE, Kind, parse_definition
from analytics.segment_options import options_of
from analytics.services.runs import begin_run, resume_run
from analytics.services.segment_queries import members_meant
from analytics.services.segments import list_members, stop_rule, write_rule
from common import clock
from loyalty.models import Purchase, PurchaseLine, Standing, Tier
from members.errors import CardsMissing
from members.models import Member, MemberTag, Segment, SegmentMembership, Tag
from tests.factories import MemberFactory, OperatorFactory, member_with_login
from tests.loyalty.programmes import local

from .shopping import noon, programme
from .worlds import LAST_ID, lively_world

pytestmark = pytest.mark.django_db

NIGHT = date(2025, 6, 15)
Condition = tuple[str, str, Any]


def definition_of(*groups: list[Condition], match: str = "all", inner: str = "any") -> Any:
    return parse_definition(
        {
            "match": match,
            "groups": [
                {
                    "match": inner,
                    "conditions": [
                        {"field": field, "operator": operator, "value": value}
                        for field, operator, value in group
                    ],
                }
                for group in groups
            ],
        }
    )


def meant(*groups: list[Condition], **how: str) -> set[int]:
    found = list(members_meant(definition_of(*groups, **how), NIGHT).values_list("pk", flat=True))
    assert len(found) == len(set(found))
    return set(found)


@pytest.fixture
def world() -> list[Member]:
    """Members of all kinds, measured; each third is tagged, each fourth stands on a tier."""
    programme()
    people = lively_world(NIGHT)
    measure_members(NIGHT, 1, LAST_ID)
    tag = Tag.objects.create(code="vip", name_en="VIP")
    other = Tag.objects.create(code="press", name_en="Press")
    tier = Tier.objects.get(code="gold")
    for number, member in enumerate(people):
        if number % 3 == 0:
            MemberTag.objects.create(tag=tag, member=member)
            MemberTag.objects.create(tag=other, member=member)
        if number % 4 == 0:
            Standing.objects.create(
                member=member, tier=tier, since=noon(NIGHT), reviewed_at=noon(NIGHT)
            )
    return people


def expected(people: list[Member], holds: Callable[[Member, MemberMetrics], bool]) -> set[int]:
    found = MemberMetrics.objects.in_bulk()
    return {member.pk for member in people if holds(member, found[member.pk])}


@pytest.mark.parametrize("bound", [0, 1, 2, 5])
def test_numbers_hold_from_their_bound(world: list[Member], bound: int) -> None:
    assert meant([("orders", "at_least", bound)]) == expected(world, lambda _, m: m.orders >= bound)
    assert meant([("orders", "at_most", bound)]) == expected(world, lambda _, m: m.orders <= bound)
    assert meant([("orders", "exactly", bound)]) == expected(world, lambda _, m: m.orders == bound)


def test_money_is_compared_in_its_units(world: list[Member]) -> None:
    spends = sorted(MemberMetrics.objects.values_list("money_365", flat=True))
    middle = max(spends[len(spends) // 2], Decimal(1))
    assert meant([("money_365", "at_least", str(middle))]) == expected(
        world, lambda _, m: m.money_365 >= middle
    )


@pytest.mark.parametrize("days", [0, 29, 30, 31, 89, 90, 400])
def test_days_ago_count_from_the_night(world: list[Member], days: int) -> None:
    def ago(found: MemberMetrics) -> int | None:
        return found.recency_days

    assert meant([("last_purchase_ago", "at_least", days)]) == expected(
        world, lambda _, m: (gone := ago(m)) is not None and gone >= days
    )
    assert meant([("last_purchase_ago", "at_most", days)]) == expected(
        world, lambda _, m: (gone := ago(m)) is not None and gone <= days
    )


def test_days_before_all_time_are_no_error(world: list[Member]) -> None:
    assert meant([("last_purchase_ago", "at_least", 1_000_000_000)]) == set()


def test_dates_hold_on_themselves(world: list[Member]) -> None:
    day = next(m.first_purchase_on for m in MemberMetrics.objects.filter(orders__gt=0))
    assert day is not None
    for operator, holds in (
        ("on_or_after", lambda first: first >= day),
        ("on_or_before", lambda first: first <= day),
    ):
        assert meant([("first_purchase_on", operator, day.isoformat())]) == expected(
            world,
            lambda _, m, holds=holds: (
                m.first_purchase_on is not None and holds(m.first_purchase_on)
            ),
        )


def test_tags_and_tiers_are_one_of_or_none_of(world: list[Member]) -> None:
    tagged = {member.pk for number, member in enumerate(world) if number % 3 == 0}
    standing = {member.pk for number, member in enumerate(world) if number % 4 == 0}
    everybody = {member.pk for member in world}
    assert meant([("tag", "one_of", ["vip", "press"])]) == tagged
    assert meant([("tag", "none_of", ["vip"])]) == everybody - tagged
    assert meant([("tag", "one_of", ["nobody"])]) == set()
    assert meant([("tier", "one_of", ["gold"])]) == standing
    assert meant([("tier", "none_of", ["gold"])]) == everybody - standing


def test_purchases_of_a_year_are_looked_at(world: list[Member]) -> None:
    year = NIGHT - timedelta(days=365)
    rows = Purchase.objects.filter(business_date__gte=year, business_date__lt=NIGHT)
    store = rows.filter(store__isnull=False)[0].store
    assert store
    at_store = set(rows.filter(store=store).values_list("member", flat=True))
    assert meant([("bought_at", "one_of", [store.code])]) == at_store
    lines = PurchaseLine.objects.filter(purchase__in=rows, quantity__gt=0, category__code="tea")
    assert meant([("bought_category", "one_of", ["tea"])]) == set(
        lines.values_list("purchase__member", flat=True)
    )


def test_groups_join_as_they_say(world: list[Member]) -> None:
    tagged = meant([("tag", "one_of", ["vip"])])
    buyers = meant([("bought", "is", True)])
    visitors = meant([("visits_30", "at_least", 1)])
    conditions: list[Condition] = [("tag", "one_of", ["vip"]), ("visits_30", "at_least", 1)]
    assert meant(conditions, [("bought", "is", True)]) == (tagged | visitors) & buyers
    assert (
        meant(conditions, [("bought", "is", True)], inner="all", match="any")
        == (tagged & visitors) | buyers
    )
    assert meant(conditions, inner="all") == tagged & visitors


def test_yes_and_no_part_everybody(world: list[Member]) -> None:
    signed_up = member_with_login(joined_at=local(2025, 1, 1))
    everybody = {member.pk for member in world} | {signed_up.pk}
    assert meant([("has_login", "is", True)]) == {signed_up.pk}
    assert meant([("has_login", "is", False)]) == everybody - {signed_up.pk}
    # Not measured yet, so not known to have bought.
    assert signed_up.pk in meant([("bought", "is", False)])
    assert meant([("bought", "is", True)]) | meant([("bought", "is", False)]) == everybody


def test_churn_is_what_is_left_of_one(world: list[Member]) -> None:
    assert meant([("churn", "at_least", "0")]) == set()


def test_closed_memberships_belong_only_where_asked_for(world: list[Member]) -> None:
    Member.objects.filter(pk=world[0].pk).update(status=Member.Status.CLOSED)
    assert world[0].pk not in meant([("orders", "at_least", 0)])
    assert meant([("status", "one_of", ["closed"])]) == {world[0].pk}


def test_every_field_and_operator_can_be_asked(world: list[Member]) -> None:
    WarningLevel.objects.create(
        kind="no_purchase", threshold=60, rank=1, name_en="Gone", action_en="Call"
    )
    samples: dict[Kind, Any] = {
        Kind.NUMBER: 1,
        Kind.MONEY: "1",
        Kind.PERCENT: "50",
        Kind.DAYS_AGO: 30,
        Kind.DATE: "2025-01-01",
        Kind.YES_NO: True,
    }
    for field in CATALOGUE.values():
        value = samples.get(field.kind) or [code for code, _name in options_of(field.options)]
        for operator in field.operators:
            whole = meant([(field.name, operator, value)])
            assert whole <= {member.pk for member in world}, field.name


def rule_of(*groups: list[Condition], code: str = "tea") -> SegmentRule:
    segment = Segment.objects.create(code=code, name_en=code)
    return write_rule(
        segment=segment, definition=definition_of(*groups), operator=OperatorFactory()
    )


def inside(rule: SegmentRule, day: date) -> set[int]:
    stays = SegmentMembership.objects.on(day).filter(segment=rule.segment)
    return set(stays.values_list("member", flat=True))


def night(day: date) -> dict[str, int]:
    measure_members(day, 1, LAST_ID)
    counts = compute_segments(day, 1, LAST_ID)
    count_segments(day, 0, 0)
    return counts


def test_members_join_and_leave_by_the_nights() -> None:
    programme()
    member, other = (MemberFactory.create(joined_at=local(2024, 1, 1)) for _ in range(2))
    rule = rule_of([("visits_30", "at_least", 1)])
    member.portal_days.create(business_date=NIGHT - timedelta(days=1), at=noon(NIGHT))
    assert night(NIGHT) == {"joined": 1, "left": 0}
    assert night(NIGHT) == {"joined": 0, "left": 0}
    assert night(NIGHT + timedelta(days=29)) == {"joined": 0, "left": 0}
    assert night(NIGHT + timedelta(days=30)) == {"joined": 0, "left": 1}
    days = [NIGHT + timedelta(days=days) for days in (-1, 0, 29, 30)]
    assert [inside(rule, day) for day in days] == [set(), {member.pk}, {member.pk}, set()]
    assert other.pk not in inside(rule, NIGHT)
    rule.refresh_from_db()
    assert (rule.members, rule.computed_on) == (0, NIGHT + timedelta(days=30))


def test_an_earlier_night_does_not_reach_behind_a_later_one() -> None:
    member = MemberFactory.create(joined_at=local(2024, 1, 1))
    rule = rule_of([("joined_ago", "at_least", 1)])
    night(NIGHT)
    kept = list(SegmentMembership.objects.values())
    assert compute_segments(NIGHT - timedelta(days=5), 1, LAST_ID) == {"joined": 0, "left": 0}
    count_segments(NIGHT - timedelta(days=5), 0, 0)
    assert list(SegmentMembership.objects.values()) == kept
    assert inside(rule, NIGHT) == {member.pk}
    rule.refresh_from_db()
    assert rule.computed_on == NIGHT


def test_only_the_range_is_looked_at() -> None:
    people = [MemberFactory.create(joined_at=local(2024, 1, 1)) for _ in range(3)]
    rule = rule_of([("joined_ago", "at_least", 1)])
    compute_segments(NIGHT, people[1].pk, people[1].pk)
    assert inside(rule, NIGHT) == {people[1].pk}


def test_a_stay_that_was_to_begin_later_never_holds() -> None:
    member = MemberFactory.create(joined_at=local(2024, 1, 1))
    rule = rule_of([("orders", "at_least", 1)])
    later = NIGHT + timedelta(days=9)
    SegmentMembership.objects.create(segment=rule.segment, member=member, from_on=later)
    assert night(NIGHT) == {"joined": 0, "left": 1}
    assert SegmentMembership.objects.get().until_on == later


def test_writing_conditions_has_everybody_looked_at_at_once() -> None:
    for _ in range(3):
        MemberFactory.create(joined_at=local(2024, 1, 1))
    rule = rule_of([("joined_ago", "at_least", 1)])
    run = MemberRun.objects.get()
    assert (run.kind, run.rule, run.members_total, run.members_done) == ("segment", rule, 3, 0)
    work_on_runs()
    run.refresh_from_db()
    assert (run.status, run.members_done, run.changed) == ("done", 3, 3)
    rule.refresh_from_db()
    assert (rule.members, rule.computed_on) == (3, clock.today())
    work_on_runs()
    assert MemberRun.objects.count() == 1


def test_a_run_goes_range_by_range(settings: Any) -> None:
    settings.NIGHTLY_RANGE_SIZE = 2
    for _ in range(5):
        MemberFactory.create(joined_at=local(2024, 1, 1))
    rule_of([("joined_ago", "at_least", 1)])
    work_on_runs()
    run = MemberRun.objects.get()
    assert (run.status, run.members_done, run.changed) == ("done", 5, 5)


def test_who_asks_twice_gets_the_run_that_goes_on() -> None:
    rule = rule_of([("joined_ago", "at_least", 1)])
    first = MemberRun.objects.get()
    assert begin_run(kind=MemberRun.Kind.SEGMENT, rule=rule) == first
    work_on_runs()
    assert begin_run(kind=MemberRun.Kind.SEGMENT, rule=rule) != first


def test_a_run_that_fails_stops_and_is_resumed() -> None:
    MemberFactory.create(joined_at=local(2024, 1, 1))
    rule = rule_of([("joined_ago", "at_least", 1)])
    SegmentRule.objects.filter(pk=rule.pk).update(definition={"match": "all", "groups": []})
    work_on_runs()
    run = MemberRun.objects.get()
    assert (run.status, run.members_done) == ("failed", 0)
    assert "DefinitionNotValid" in run.error
    SegmentRule.objects.filter(pk=rule.pk).update(definition=rule.definition)
    resume_run(run=run)
    work_on_runs()
    run.refresh_from_db()
    assert (run.status, run.error, run.members_done) == ("done", "", 1)
    with pytest.raises(RunNotStopped):
        resume_run(run=run)


def test_a_rule_that_stopped_moves_nobody() -> None:
    MemberFactory.create(joined_at=local(2024, 1, 1))
    rule = rule_of([("joined_ago", "at_least", 1)])
    night(NIGHT)
    stop_rule(rule=rule, operator=OperatorFactory())
    MemberFactory.create(joined_at=local(2024, 1, 1))
    assert night(NIGHT + timedelta(days=1)) == {"joined": 0, "left": 0}
    assert len(inside(rule, NIGHT + timedelta(days=1))) == 1


def listed(*members: Member) -> list[tuple[int, str]]:
    return [(number, member.card_number) for number, member in enumerate(members, start=2)]


def test_a_file_says_exactly_who_is_in_it() -> None:
    segment = Segment.objects.create(code="press", name_en="Press")
    first, second, third = (MemberFactory.create() for _ in range(3))
    assert list_members(segment=segment, lines=listed(first, second), on=NIGHT) == (2, 0)
    later = NIGHT + timedelta(days=5)
    assert list_members(segment=segment, lines=listed(second, third), on=later) == (1, 1)
    assert list_members(segment=segment, lines=listed(third, second), on=later) == (0, 0)
    stays = SegmentMembership.objects.order_by("pk").values_list("member", "from_on", "until_on")
    assert list(stays) == [
        (first.pk, NIGHT, later),
        (second.pk, NIGHT, None),
        (third.pk, later, None),
    ]


def test_a_file_with_unknown_cards_changes_nothing() -> None:
    segment = Segment.objects.create(code="press", name_en="Press")
    first, second = (MemberFactory.create() for _ in range(2))
    list_members(segment=segment, lines=listed(first), on=NIGHT)
    kept = list(SegmentMembership.objects.values())
    lines = [(2, second.card_number), (3, "123"), (7, "4567")]
    with pytest.raises(CardsInFileUnknown) as refusal:
        list_members(segment=segment, lines=lines, on=NIGHT)
    assert str(refusal.value) == (
        "Nothing was changed. Nobody holds the cards of these lines: 3: 123; 7: 4567 (2 in all)."
    )
    with pytest.raises(CardsMissing):
        list_members(segment=segment, lines=[], on=NIGHT)
    assert list(SegmentMembership.objects.values()) == kept


def test_a_file_does_not_change_what_the_nights_compute() -> None:
    rule = rule_of([("joined_ago", "at_least", 1)])
    with pytest.raises(SegmentIsComputed):
        list_members(segment=rule.segment, lines=listed(MemberFactory.create()), on=NIGHT)


def test_history_keeps_every_definition() -> None:
    rule = rule_of([("orders", "at_least", 1)])
    write_rule(
        segment=rule.segment,
        definition=definition_of([("orders", "at_least", 2)]),
        operator=OperatorFactory(),
    )
    kept = rule.history.order_by("history_id").values_list("definition", flat=True)
    values = [data["groups"][0]["conditions"][0]["value"] for data in kept]
    assert values == [1, 2]


def test_one_night_costs_two_statements_a_segment(django_assert_num_queries: Any) -> None:
    for number in range(3):
        MemberFactory.create(joined_at=local(2024, 1, 1))
        rule_of([("joined_ago", "at_least", 1)], code=f"s{number}")
    with django_assert_num_queries(1 + 3 * 2):
        compute_segments(NIGHT, 1, LAST_ID)
    for _ in range(9):
        MemberFactory.create(joined_at=local(2024, 1, 1))
    with django_assert_num_queries(1 + 3 * 2):
        compute_segments(NIGHT + timedelta(days=1), 1, LAST_ID)
