"""Care tasks that two act upon, days that fill up, runs that two workers want: on PostgreSQL.

Every race has a control that takes its guard out and shows what goes wrong.
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from analytics.errors import TaskNotOpen
from analytics.jobs import measure_members, open_care_tasks, work_on_runs
from analytics.models import (
    BehaviourDay,
    BehaviourEvent,
    CareTask,
    MemberRun,
    SegmentRule,
    WarningLevel,
)
from analytics.models.behaviour import BehaviourDayQuerySet
from analytics.models.runs import MemberRunQuerySet
from analytics.rules.segments import parse_definition
from analytics.services import care
from analytics.services.behaviour import Seen, decide_on_visits, record_behaviour
from analytics.services.care import act_on_tasks
from analytics.services.segments import write_rule
from members.models import Member, Segment, SegmentMembership, User
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import local

from .threads import all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THREADS = 12
# Without its guard a collision is likely, not certain: a control tries this often.
ATTEMPTS = 20
NIGHT = date(2025, 6, 15)
LAST_ID = 2**62


def breaks(race: Callable[[], bool]) -> bool:
    return any(not race() for _attempt in range(ATTEMPTS))


def one_task() -> CareTask:
    """Another member of whom nothing was heard."""
    WarningLevel.objects.get_or_create(
        kind="no_interaction",
        threshold=30,
        defaults={"rank": 1, "name_en": "Quiet", "action_en": "Call"},
    )
    member = MemberFactory.create(joined_at=local(2024, 1, 1))
    measure_members(NIGHT, member.pk, member.pk)
    open_care_tasks(NIGHT, member.pk, member.pk)
    return CareTask.objects.get(member=member)


def act_at_once(operator: User) -> bool:
    """Whether of many who act on one task one did, and the others heard of it."""
    task = one_task()
    act = partial(
        act_on_tasks, task_ids=[task.pk], action="call", note="", operator=operator, on=NIGHT
    )
    told = all_at_once([outcome(act, TaskNotOpen)] * THREADS)
    return sorted(told) == sorted(["done", *["TaskNotOpen"] * (THREADS - 1)])


def test_one_of_many_acts_on_a_task(transactional_db: None) -> None:
    assert act_at_once(OperatorFactory())


def test_control_many_act_where_the_update_asks_nothing(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_then_write(task_ids: list[int], **outcome: Any) -> int:
        is_open = CareTask.objects.get(pk=task_ids[0]).status == "open"
        if not is_open:
            raise TaskNotOpen(open=0, chosen=1)
        return CareTask.objects.filter(pk__in=task_ids).update(**outcome)

    monkeypatch.setattr(care, "_end_open", read_then_write)
    operator = OperatorFactory()
    assert breaks(lambda: act_at_once(operator))


def fill_a_day(member: Member, most: int) -> bool:
    """Whether no more of a day's events are kept than the limit, and as many as were counted."""
    BehaviourEvent.objects.all().delete()
    BehaviourDay.objects.all().delete()
    events = [Seen(name="page", page="/")] * 3
    all_at_once([partial(record_behaviour, member=member, events=events)] * THREADS)
    kept = BehaviourEvent.objects.count()
    return kept <= most and kept == BehaviourDay.objects.get().events


def test_a_day_holds_no_more_than_its_limit(transactional_db: None, settings: Any) -> None:
    settings.BEHAVIOUR_EVENTS_A_DAY = 10
    member = MemberFactory.create()
    decide_on_visits(member=member, is_granted=True)
    assert fill_a_day(member, 10)
    assert BehaviourEvent.objects.count() == 9


def test_control_a_day_overflows_where_it_is_read_first(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_then_write(days: BehaviourDayQuerySet, events: int) -> bool:
        day = days.get()
        if day.events + events > 10:
            return False
        return bool(days.update(events=day.events + events))

    settings.BEHAVIOUR_EVENTS_A_DAY = 10
    monkeypatch.setattr(BehaviourDayQuerySet, "take", read_then_write)
    member = MemberFactory.create()
    decide_on_visits(member=member, is_granted=True)
    assert breaks(lambda: fill_a_day(member, 10))


def run_at_once() -> bool:
    """Whether many workers on one run look at everybody once, and count it once."""
    MemberRun.objects.all().delete()
    SegmentMembership.objects.all().delete()
    SegmentRule.objects.all().delete()
    segment, _ = Segment.objects.get_or_create(code="all", defaults={"name_en": "All"})
    condition = {"field": "joined_ago", "operator": "at_least", "value": 1}
    data = {"match": "all", "groups": [{"match": "all", "conditions": [condition]}]}
    write_rule(segment=segment, definition=parse_definition(data), operator=OperatorFactory())
    all_at_once([work_on_runs] * THREADS)
    work_on_runs()
    run, people = MemberRun.objects.get(), Member.objects.count()
    told = (run.status, run.members_done, run.changed)
    return told == ("done", people, people) and SegmentMembership.objects.count() == people


@pytest.fixture
def people(transactional_db: None, settings: Any) -> None:
    settings.NIGHTLY_RANGE_SIZE = 2
    for _ in range(11):
        MemberFactory.create(joined_at=local(2024, 1, 1))


def test_many_workers_do_a_run_once(people: None) -> None:
    assert run_at_once()


def test_control_a_run_is_miscounted_where_it_is_not_locked(
    people: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemberRunQuerySet, "claimed", lambda runs: runs.unfinished())
    assert breaks(run_at_once)
