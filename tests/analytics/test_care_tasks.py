"""Warnings at every bound, the tasks that they open, and whether members came back."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from analytics.errors import NobodyToCareFor, TaskNotOpen
from analytics.jobs import measure_members, open_care_tasks
from analytics.models import BehaviourDay, CareTask, MemberMetrics, WarningLevel
from analytics.reports.care import outcomes_by_action
from analytics.services.care import (
    act_on_tasks,
    add_suggested_levels,
    assign_tasks,
    dismiss_tasks,
)
from analytics.services.erasure import forget_analytics
from members.models import Member, PortalDay
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import local

from .shopping import buy, noon, programme, shopper
from .worlds import LAST_ID

pytestmark = pytest.mark.django_db

NIGHT = date(2025, 6, 15)


def level(kind: str = "no_interaction", threshold: int = 30, **details: Any) -> WarningLevel:
    return WarningLevel.objects.create(
        **{
            "kind": kind,
            "threshold": threshold,
            "rank": WarningLevel.objects.count() + 1,
            "name_en": f"{kind} {threshold}",
            "action_en": "Call",
            **details,
        }
    )


def ago(days: int, night: date = NIGHT) -> date:
    return night - timedelta(days=days)


def night(day: date = NIGHT) -> dict[str, int]:
    measure_members(day, 1, LAST_ID)
    return open_care_tasks(day, 1, LAST_ID)


def visit(member: Member, day: date) -> None:
    PortalDay.objects.create(member=member, business_date=day, at=noon(day))


def warned() -> str | None:
    found = MemberMetrics.objects.get().warning
    return found and found.name_en


@pytest.mark.parametrize(("days", "opens"), [(29, 0), (30, 1), (31, 1), (60, 1), (61, 0)])
def test_opens_from_the_threshold_to_its_end(days: int, opens: int) -> None:
    level(until_days=60)
    visit(shopper(), ago(days))
    assert night()["tasks"] == opens
    # The level itself has no end.
    assert warned() == ("no_interaction 30" if days >= 30 else None)


@pytest.mark.parametrize("seen", ["purchase", "event", "visit"])
def test_whatever_was_done_last_is_an_interaction(seen: str) -> None:
    programme()
    level()
    member = shopper()
    visit(member, ago(200))
    if seen == "purchase":
        buy(member, ago(29))
    elif seen == "event":
        BehaviourDay.objects.create(member=member, business_date=ago(29), events=1)
    else:
        visit(member, ago(29))
    assert night()["tasks"] == 0


@pytest.mark.parametrize(("days", "opens"), [(29, 0), (30, 1)])
def test_who_did_nothing_is_missed_from_joining_on(days: int, opens: int) -> None:
    level(until_days=40)
    day = ago(days)
    MemberFactory.create(joined_at=local(day.year, day.month, day.day, 12))
    assert night()["tasks"] == opens


@pytest.mark.parametrize(("days", "opens"), [(59, 0), (60, 1), (61, 1), (90, 1), (91, 0)])
def test_misses_purchases_of_who_bought(days: int, opens: int) -> None:
    programme()
    level("no_purchase", 60, until_days=90)
    member = shopper()
    shopper()
    visit(member, ago(1))
    buy(member, ago(days))
    assert night()["tasks"] == opens


@pytest.mark.parametrize(("fell", "opens"), [(19, 0), (20, 1), (21, 1)])
def test_misses_points_of_the_score(fell: int, opens: int) -> None:
    level("falling_score", 20)
    shopper()
    measure_members(NIGHT, 1, LAST_ID)
    MemberMetrics.objects.update(health_score=70 - fell, past_score=70)
    assert open_care_tasks(NIGHT, 1, LAST_ID)["tasks"] == opens


def test_keeps_the_figures_that_opened_it() -> None:
    programme()
    owner = OperatorFactory()
    severe = level("no_purchase", 60, due_days=5, action_zh="打电话", owner=owner)
    member = shopper()
    buy(member, ago(70), "30.00")
    visit(member, ago(3))
    night()
    task = CareTask.objects.get()
    assert (task.member, task.level, task.status, task.owner) == (member, severe, "open", owner)
    assert (task.opened_on, task.due_on) == (NIGHT, NIGHT + timedelta(days=5))
    assert (task.last_purchase_on, task.last_interaction_on) == (ago(70), ago(3))
    assert (task.threshold, task.money_365, task.suggested_zh) == (60, 30, "打电话")
    assert task.score == MemberMetrics.objects.get().health_score


def test_the_same_night_twice_opens_once() -> None:
    level()
    shopper()
    assert night()["tasks"] == 1
    kept = list(CareTask.objects.values())
    assert night()["tasks"] == 0
    assert list(CareTask.objects.values()) == kept
    assert night(NIGHT + timedelta(days=1))["tasks"] == 0


def test_closed_memberships_are_left_in_peace() -> None:
    level()
    Member.objects.filter(pk=shopper().pk).update(status=Member.Status.CLOSED)
    assert night()["tasks"] == 0
    assert warned() is None


def test_the_severest_of_a_kind_takes_the_place_of_the_milder() -> None:
    programme()
    level("no_purchase", 60)
    level("no_purchase", 90)
    level("no_interaction", 30)
    member = shopper()
    buy(member, ago(89))
    assert night() == {"returned": 0, "not_returned": 0, "tasks": 2, "replaced": 0}
    assert night(NIGHT + timedelta(days=1))["replaced"] == 1
    live = CareTask.objects.filter(status="open").values_list("level__name_en", flat=True)
    assert set(live) == {"no_purchase 90", "no_interaction 30"}
    # By severity, not by kind.
    assert warned() == "no_interaction 30"


def test_a_warning_ends_with_its_reason() -> None:
    level()
    member = shopper()
    night()
    assert warned() == "no_interaction 30"
    visit(member, NIGHT)
    night(NIGHT + timedelta(days=1))
    assert warned() is None


def test_a_level_out_of_use_warns_of_nobody() -> None:
    level(is_active=False)
    shopper()
    assert night()["tasks"] == 0


def acted(*, on: date = NIGHT) -> CareTask:
    level()
    shopper()
    night()
    task = CareTask.objects.get()
    act_on_tasks(task_ids=[task.pk], action="call", note="n", operator=OperatorFactory(), on=on)
    return CareTask.objects.get()


def test_who_comes_back_after_an_action_came_back_by_it() -> None:
    task = acted(on=NIGHT + timedelta(days=2))
    assert (task.status, task.action, task.acted_on) == ("acted", "call", NIGHT + timedelta(days=2))
    visit(task.member, NIGHT + timedelta(days=10))
    assert night(NIGHT + timedelta(days=10))["returned"] == 0
    assert night(NIGHT + timedelta(days=11))["returned"] == 1
    task = CareTask.objects.get()
    assert (task.status, task.came_back_on) == ("returned", NIGHT + timedelta(days=10))
    assert task.ended_on == NIGHT + timedelta(days=11)
    assert night(NIGHT + timedelta(days=11))["returned"] == 0


@pytest.mark.parametrize(("days", "status"), [(29, "acted"), (30, "not_returned")])
def test_is_measured_for_some_days(days: int, status: str) -> None:
    acted()
    night(NIGHT + timedelta(days=days))
    assert CareTask.objects.get().status == status


def test_a_visit_before_the_action_does_not_count_for_it() -> None:
    task = acted(on=NIGHT + timedelta(days=2))
    visit(task.member, NIGHT + timedelta(days=1))
    night(NIGHT + timedelta(days=3))
    assert CareTask.objects.get().status == "acted"


def test_who_comes_back_unasked_came_by_themselves() -> None:
    level()
    member = shopper()
    night()
    visit(member, NIGHT)
    assert night(NIGHT + timedelta(days=1))["returned"] == 1
    task = CareTask.objects.get()
    assert (task.status, task.action, task.came_back_on) == ("returned", "", NIGHT)


def test_a_purchase_is_what_brings_back_who_did_not_buy() -> None:
    programme()
    level("no_purchase", 60)
    member = shopper()
    buy(member, ago(60))
    night()
    visit(member, NIGHT)
    assert night(NIGHT + timedelta(days=1))["returned"] == 0
    buy(member, NIGHT + timedelta(days=1))
    assert night(NIGHT + timedelta(days=2))["returned"] == 1


def test_a_score_is_back_where_it_was() -> None:
    level("falling_score", 20)
    shopper()
    measure_members(NIGHT, 1, LAST_ID)
    MemberMetrics.objects.update(health_score=40, past_score=70)
    open_care_tasks(NIGHT, 1, LAST_ID)
    for score, returned in ((69, 0), (70, 1)):
        MemberMetrics.objects.update(health_score=score, past_score=None)
        assert open_care_tasks(NIGHT, 1, LAST_ID)["returned"] == returned


@pytest.mark.parametrize(("days", "opens"), [(89, 0), (90, 1)])
def test_is_quiet_for_a_while_after_a_task(days: int, opens: int) -> None:
    level(quiet_days=90)
    shopper()
    night()
    task = CareTask.objects.get()
    dismiss_tasks(task_ids=[task.pk], note="Moved away", operator=OperatorFactory(), on=NIGHT)
    assert night(NIGHT + timedelta(days=days))["tasks"] == opens


def test_acting_is_for_open_tasks_all_or_none() -> None:
    level()
    operator = OperatorFactory()
    for _ in range(2):
        shopper()
    night()
    first, second = CareTask.objects.order_by("pk")
    act_on_tasks(task_ids=[first.pk], action="call", note="", operator=operator, on=NIGHT)
    with pytest.raises(TaskNotOpen) as refusal, transaction.atomic():
        act_on_tasks(
            task_ids=[first.pk, second.pk], action="gift", note="", operator=operator, on=NIGHT
        )
    assert "Of the 2 tasks chosen only 1 are open" in str(refusal.value)
    assert list(CareTask.objects.order_by("pk").values_list("action", flat=True)) == ["call", ""]
    with pytest.raises(NobodyToCareFor):
        act_on_tasks(task_ids=[], action="call", note="", operator=operator, on=NIGHT)


def test_owners_change_while_a_task_lives() -> None:
    task = acted()
    owner = OperatorFactory()
    assert assign_tasks(task_ids=[task.pk], owner=owner) == 1
    assert CareTask.objects.get().owner == owner
    night(NIGHT + timedelta(days=40))
    assert assign_tasks(task_ids=[task.pk], owner=None) == 0


def test_suggested_levels_are_added_once() -> None:
    assert add_suggested_levels() == 3
    assert add_suggested_levels() == 0
    for row in WarningLevel.objects.all():
        row.full_clean()


def test_outcomes_are_counted_by_action() -> None:
    level()
    people = [shopper() for _ in range(8)]
    night()
    tasks = {task.member_id: task.pk for task in CareTask.objects.all()}
    operator = OperatorFactory()

    def act(members: list[Member], action: str) -> None:
        ids = [tasks[member.pk] for member in members]
        act_on_tasks(task_ids=ids, action=action, note="", operator=operator, on=NIGHT)

    act(people[:3], "call")
    act(people[3:5], "coupon")
    dismiss_tasks(task_ids=[tasks[people[6].pk]], note="x", operator=operator, on=NIGHT)
    for member in (people[0], people[3], people[5]):
        visit(member, NIGHT + timedelta(days=1))
    night(NIGHT + timedelta(days=2))
    found = {row.action: row for row in outcomes_by_action(since=NIGHT, until=NIGHT)}
    assert (found["call"].returned, found["call"].waiting, found["call"].share) == (1, 2, 1)
    night(NIGHT + timedelta(days=30))
    found = {row.action: row for row in outcomes_by_action(since=NIGHT, until=NIGHT)}
    call, coupon, nothing = found["call"], found["coupon"], found[""]
    assert (call.tasks, call.returned, call.not_returned, call.waiting) == (3, 1, 2, 0)
    assert call.share is not None
    assert round(call.share, 4) == round(1 / 3, 4)
    assert (coupon.tasks, coupon.share) == (2, 0.5)
    # Nobody acted: one of two came by themselves; whom an operator dismissed is left out.
    assert (nothing.tasks, nothing.returned, nothing.share) == (2, 1, 0.5)
    assert outcomes_by_action(since=NIGHT + timedelta(days=1), until=NIGHT) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "acted"},
        {"status": "returned"},
        {"ended_on": NIGHT},
        {"action": "call"},
        {"due_on": NIGHT - timedelta(days=1)},
    ],
)
def test_the_database_refuses_tasks_that_contradict_themselves(broken: dict[str, Any]) -> None:
    level()
    shopper()
    night()
    with pytest.raises(IntegrityError), transaction.atomic():
        CareTask.objects.update(**broken)


def test_the_database_keeps_one_live_task_of_a_level() -> None:
    level()
    shopper()
    night()
    task = CareTask.objects.get()
    task.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        task.save(force_insert=True)


@pytest.mark.parametrize(
    "broken",
    [
        {"threshold": 0},
        {"threshold": 366},
        {"kind": "falling_score", "threshold": 101},
        {"kind": "falling_score", "until_days": 50},
        {"until_days": 29},
        {"kind": "unheard_of"},
    ],
)
def test_the_database_refuses_levels_that_cannot_be_meant(broken: dict[str, Any]) -> None:
    row = level()
    with pytest.raises(IntegrityError), transaction.atomic():
        WarningLevel.objects.filter(pk=row.pk).update(**broken)


def test_an_erased_member_leaves_no_words_and_no_task() -> None:
    task = acted()
    other = shopper()
    night()
    BehaviourDay.objects.create(member=task.member, business_date=NIGHT, events=3)
    for member in (task.member, other):
        for _again in range(2):
            forget_analytics(member=member, at=noon(NIGHT))
    assert not BehaviourDay.objects.exists()
    kept = CareTask.objects.order_by("pk").values_list("status", "action", "note", "ended_on")
    assert list(kept) == [("acted", "call", "", None), ("dismissed", "", "", NIGHT)]
