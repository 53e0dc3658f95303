"""Birthdays earn by the rules for them: once for each member and year, late as well."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from benefits.home import home_of
from benefits.jobs import record_birthdays
from common import clock
from loyalty.errors import NotAnActivity
from loyalty.models import Activity, EarningRule, PointsAccount, PointsEntry, PointType, RuleScope
from loyalty.services.activities import record_activity
from members.models import Member, Notice
from members.notices import told
from members.services.birthdays import correct_birthday, give_birthday
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import base_points, earning_rule, growth_points, local
from tests.loyalty.tampering import broken

from .perks import EVERYONE, born, gold_tier, lowest_tier

pytestmark = pytest.mark.django_db

BIRTHDAY = date(2025, 3, 20)


@pytest.fixture(autouse=True)
def night_of_the_birthday(time_machine: Any) -> Any:
    time_machine.move_to(local(2025, 3, 20, 1), tick=False)
    return time_machine


@pytest.fixture
def base() -> PointType:
    return base_points(holding="7D")


@pytest.fixture
def rule(base: PointType) -> None:
    birthday_rule(base)


def birthday_rule(kind: PointType, code: str = "birthday", **terms: Any) -> EarningRule:
    terms = {"points": 100, "per_amount": None} | terms
    return earning_rule(kind, code=code, trigger="birthday", **terms)


def night(on: date) -> int:
    return record_birthdays(on, *EVERYONE)["birthdays"]


def earned() -> int:
    return PointsEntry.objects.total()


def test_earns_once_however_often_the_night_runs(rule: None) -> None:
    child = born(3, 20)
    assert [night(BIRTHDAY), night(BIRTHDAY), night(date(2025, 3, 21))] == [1, 0, 0]
    activity = Activity.objects.get()
    assert (activity.member, activity.kind, activity.key) == (child, "birthday", "2025")
    assert activity.at == clock.start_of(BIRTHDAY)
    assert earned() == 100
    assert broken() == {}


def test_earns_again_next_year(rule: None, time_machine: Any) -> None:
    born(3, 20)
    night(BIRTHDAY)
    time_machine.move_to(local(2026, 3, 20, 1), tick=False)
    assert night(date(2026, 3, 20)) == 1
    assert earned() == 200


@pytest.mark.parametrize(
    ("on", "count"), [(date(2025, 3, 19), 0), (date(2025, 3, 20), 1), (date(2025, 3, 27), 1)]
)
def test_is_made_up_for_within_a_week(rule: None, time_machine: Any, on: date, count: int) -> None:
    time_machine.move_to(local(2025, 3, 27, 1), tick=False)
    born(3, 20)
    assert night(on) == count
    assert earned() == 100 * count


def test_a_week_and_a_day_late_is_too_late(rule: None, time_machine: Any) -> None:
    time_machine.move_to(local(2025, 3, 28, 1), tick=False)
    born(3, 20)
    assert night(date(2025, 3, 28)) == 0


def test_who_joins_later_in_the_month_has_it_then(rule: None, time_machine: Any) -> None:
    time_machine.move_to(local(2025, 3, 26, 1), tick=False)
    child = born(3, 2, joined_at=local(2025, 3, 25, 15))
    assert [night(date(2025, 3, 25)), night(date(2025, 3, 26))] == [0, 1]
    assert Activity.objects.get().at == child.joined_at


@pytest.mark.parametrize(("set_on", "count"), [(date(2025, 2, 18), 0), (date(2025, 2, 17), 1)])
def test_a_birthday_told_within_thirty_days_waits(rule: None, set_on: date, count: int) -> None:
    child = born(3, 20, birthday_set_on=None)
    Member.objects.filter(pk=child.pk).update(birthday_set_on=set_on)
    assert night(BIRTHDAY) == count


def test_a_lunar_birthday_is_of_its_own_year(rule: None, time_machine: Any) -> None:
    # Day 30 of the twelfth month of 2024 is its last, the 29th: 28 January 2025.
    time_machine.move_to(local(2025, 1, 28, 1), tick=False)
    born(12, 30, birth_calendar="lunar")
    assert night(date(2025, 1, 28)) == 1
    assert Activity.objects.get().key == "2024"


def test_a_corrected_birthday_earns_no_second_time(rule: None, time_machine: Any) -> None:
    child = born(3, 20)
    night(BIRTHDAY)
    correct_birthday(
        member=child, month=6, day=1, operator=OperatorFactory.create(), reason="Passport"
    )
    time_machine.move_to(local(2025, 6, 1, 1), tick=False)
    assert night(date(2025, 6, 1)) == 0
    assert earned() == 100


@pytest.mark.parametrize("status", ["paused", "closed"])
def test_only_active_members_earn(rule: None, status: str) -> None:
    Member.objects.filter(pk=born(3, 20).pk).update(status=status)
    assert night(BIRTHDAY) == 0


def test_without_a_rule_nothing_is_recorded(base: PointType) -> None:
    born(3, 20)
    assert night(BIRTHDAY) == 0
    assert not Activity.objects.exists()


def test_conditions_and_kinds_of_rules_hold(base: PointType) -> None:
    lowest_tier()
    gold = birthday_rule(base, "gold", points=500)
    RuleScope.objects.create(rule=gold, tier=gold_tier())
    birthday_rule(base, "later", points=50, starts_on=date(2025, 3, 21))
    birthday_rule(growth_points(), "grown", points=7)
    born(3, 20)
    night(BIRTHDAY)
    assert [(entry.points, entry.account.point_type.code) for entry in entries()] == [(7, "growth")]
    assert not Notice.objects.exists()


def entries() -> list[PointsEntry]:
    return list(PointsEntry.objects.select_related("account__point_type").order_by("pk"))


def test_greets_and_says_what_it_brought(rule: None) -> None:
    child = born(3, 20)
    night(BIRTHDAY)
    text = told(Notice.objects.get(member=child)).text
    assert (text.title, text.body) == ("Happy birthday!", "100 points are yours.")


def test_points_can_be_spent_at_once(rule: None) -> None:
    born(3, 20)
    night(BIRTHDAY)
    lot = PointsAccount.objects.get().lots.get()
    assert lot.available_at == clock.now()


def test_home_greets_on_the_day_and_asks_before(rule: None, time_machine: Any) -> None:
    child = born(3, 20)
    banner = home_of(child, clock.now()).birthday
    assert banner is not None
    assert (banner.title, banner.gifts) == ("Happy birthday!", [])
    time_machine.move_to(local(2025, 3, 21), tick=False)
    assert home_of(child, clock.now()).birthday is None
    stranger = MemberFactory.create()
    assert home_of(stranger, clock.now()).asks_birthday
    give_birthday(member=stranger, month=3, day=20)
    stranger.refresh_from_db()
    assert not home_of(stranger, clock.now()).asks_birthday


def test_nobody_reports_a_birthday_by_hand(rule: None) -> None:
    with pytest.raises(NotAnActivity):
        record_activity(member=born(3, 20), kind="birthday", key="again")
    assert not Activity.objects.exists()


def test_reads_as_much_for_ten_as_for_one(rule: None, django_assert_num_queries: Any) -> None:
    # PostgreSQL is asked to hold the ladder besides.
    queries = 10 if connection.vendor == "postgresql" else 9
    for children in (1, 9):
        for _child in range(children):
            born(3, 20)
        assert night(BIRTHDAY) == children
        with django_assert_num_queries(queries):
            assert night(BIRTHDAY) == 0
