"""A guard holds its step, and with it the nights, until an operator confirms."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from common.jobs.errors import NothingToConfirm
from common.jobs.guards import confirm_guard, waiting_check
from common.jobs.nights import run_nights
from common.jobs.operating import run_again
from common.jobs.ranges import Outcome, run_range
from common.jobs.scheduler import tick, work
from common.jobs.status import nightly_status
from common.models import GuardCheck, GuardConfirmation, JobRange, JobRun
from members.models import User
from tests.factories import OperatorFactory
from tests.nights import steps
from tests.nights.fixtures import nights_fixture, use_steps  # noqa: F401

NIGHT = date(2025, 3, 1)
TODAY = date(2025, 3, 10)
MORNING = datetime(2025, 3, 10, 2, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def traveller(nights: Any) -> Any:
    use_steps(nights, "greet", "spend", "reward")
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def operator(db: None) -> User:
    return OperatorFactory(username="li.wei")


def statuses() -> list[tuple[str, str]]:
    return list(JobRun.objects.order_by("pk").values_list("step", "status"))


def waiting() -> GuardCheck:
    check = waiting_check()
    assert check is not None
    return check


def drain() -> None:
    queue: list[int] = []
    tick(send=queue.append)
    while queue:
        work(queue.pop(0), send=queue.append)


def test_lets_through_what_looks_right_and_keeps_the_figures() -> None:
    steps.world.price = 100
    assert run_nights(NIGHT).is_complete
    check = GuardCheck.objects.get()
    assert (check.name, check.holds, check.figures) == ("frugal", False, {"price": 100})
    assert (check.run, check.business_date) == (JobRun.objects.get(step="spend"), NIGHT)
    assert waiting_check() is None


def test_holds_the_step_and_everything_after_it() -> None:
    steps.world.price = 101
    report = run_nights(NIGHT + timedelta(days=2))
    assert not report.is_complete
    assert report.guard == waiting()
    assert statuses() == [("greet", "done"), ("spend", "held"), ("reward", "pending")]
    assert {step for step, _, _ in steps.effects()} == {"greet"}


def test_is_asked_once_however_often_the_night_is_tried() -> None:
    steps.world.price = 101
    for _ in range(3):
        run_nights(NIGHT)
        drain()
    assert GuardCheck.objects.count() == 1


def test_goes_on_with_the_nights_once_confirmed(operator: User) -> None:
    steps.world.price = 101
    run_nights(NIGHT)
    steps.world.price = 150
    word = confirm_guard(check=waiting(), operator=operator, by="li.wei")
    assert (word.operator, word.by, word.figures) == (operator, "li.wei", {"price": 150})
    steps.world.price = 0
    assert run_nights(NIGHT + timedelta(days=1)).is_complete
    assert [status for _, status in statuses()] == ["done"] * 6
    assert len([step for step, _, _ in steps.effects() if step == "spend"]) == 60


def test_is_confirmed_once(operator: User) -> None:
    steps.world.price = 101
    run_nights(NIGHT)
    check = waiting()
    first = confirm_guard(check=check, operator=operator, by="li.wei")
    assert confirm_guard(check=check, operator=None, by="somebody else") == first
    assert GuardConfirmation.objects.count() == 1


def test_confirms_nothing_that_was_let_through(operator: User) -> None:
    run_nights(NIGHT)
    with pytest.raises(NothingToConfirm):
        confirm_guard(check=GuardCheck.objects.get(), operator=operator, by="li.wei")


def test_holds_what_its_guard_could_not_look_at(operator: User) -> None:
    """Recorded once however often it is asked; nothing after it runs, and the operator sees it."""
    steps.world.is_guard_broken = True
    report = run_nights(NIGHT)
    drain()
    assert statuses() == [("greet", "done"), ("spend", "held"), ("reward", "pending")]
    assert report.guard == waiting() == GuardCheck.objects.get()
    assert "nowhere" in str(waiting().figures["error"])
    assert [run.step for run in nightly_status().held] == ["spend"]


def test_a_guard_that_works_again_is_heard(operator: User) -> None:
    steps.world.is_guard_broken = True
    run_nights(NIGHT)
    steps.world.is_guard_broken, steps.world.price = False, 101
    run_nights(NIGHT)
    assert waiting().figures == {"price": 101}
    assert statuses()[1] == ("spend", "held")
    steps.world.price = 100
    run_nights(NIGHT)
    assert statuses()[1] == ("spend", "held")
    confirm_guard(check=waiting(), operator=operator, by="li.wei")
    assert run_nights(NIGHT).is_complete


def test_lets_go_by_itself_once_a_failed_guard_lets_through() -> None:
    steps.world.is_guard_broken = True
    run_nights(NIGHT)
    steps.world.is_guard_broken = False
    drain()
    checks = GuardCheck.objects.filter(business_date=NIGHT).order_by("pk")
    assert [check.holds for check in checks] == [True, False]
    assert {status for _, status in statuses()} == {"done"}


def test_an_operator_may_confirm_what_a_failed_guard_holds(operator: User) -> None:
    steps.world.is_guard_broken = True
    run_nights(NIGHT)
    word = confirm_guard(check=waiting(), operator=operator, by="li.wei")
    assert "nowhere" in str(word.figures["error"])
    assert run_nights(NIGHT).is_complete


def test_confirms_one_night_at_a_time(operator: User) -> None:
    steps.world.price = 101
    run_nights(NIGHT)
    confirm_guard(check=waiting(), operator=operator, by="li.wei")
    report = run_nights(NIGHT + timedelta(days=1))
    assert report.guard is not None
    assert report.guard.business_date == NIGHT + timedelta(days=1)


def test_holds_by_message_too_and_goes_on_with_a_tick(operator: User) -> None:
    steps.world.price = 101
    drain()
    assert statuses() == [("greet", "done"), ("spend", "held"), ("reward", "pending")]
    confirm_guard(check=waiting(), operator=operator, by="li.wei")
    drain()
    assert {status for _, status in statuses()} == {"done"}


def test_lets_no_message_into_a_run_that_is_held() -> None:
    steps.world.price = 101
    run_nights(NIGHT)
    for row in JobRange.objects.filter(run__step="spend"):
        assert run_range(row.pk, is_asked=True) is Outcome.NOT_OURS
    assert {step for step, _, _ in steps.effects()} == {"greet"}


def test_lets_no_late_message_in_before_the_guard_is_asked_anew(operator: User) -> None:
    run_nights(NIGHT)
    run = JobRun.objects.get(step="spend")
    run_again(run=run, operator=operator)
    steps.world.price = 101
    for row in run.ranges.all():
        assert run_range(row.pk) is Outcome.NOT_OURS
    assert run_nights(NIGHT).guard == waiting()
    assert [check.holds for check in GuardCheck.objects.order_by("pk")] == [False, True]


def test_says_on_the_command_line_what_is_held_and_confirms_it_when_told() -> None:
    steps.world.price = 101
    with pytest.raises(CommandError, match=r"spend 2025-03-01 is held: frugal \(price 101\)"):
        call_command("run_nightly", "--date", "2025-03-01")
    call_command("run_nightly", "--date", "2025-03-01", "--confirm")
    assert {status for _, status in statuses()} == {"done"}
    word = GuardConfirmation.objects.get()
    assert word.operator is None
    assert word.by.startswith("run_nightly (")


def test_confirms_by_the_command_only_what_waits_already() -> None:
    steps.world.price = 101
    with pytest.raises(CommandError, match="is held"):
        call_command("run_nightly", "--date", "2025-03-01", "--confirm")
    assert not GuardConfirmation.objects.exists()


@pytest.mark.parametrize("row", [GuardCheck, GuardConfirmation])
def test_nobody_rewrites_what_was_said(operator: User, row: Any) -> None:
    steps.world.price = 101
    run_nights(NIGHT)
    confirm_guard(check=waiting(), operator=operator, by="li.wei")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        row.objects.update(figures={})


# The jump of the date


def owe(days: int, nights: Any) -> None:
    use_steps(nights, "summarise")
    run_nights(TODAY - timedelta(days=days))


@pytest.mark.parametrize(("owed", "waits"), [(30, False), (31, False), (32, True)])
def test_notes_once_that_the_date_has_jumped(nights: Any, owed: int, waits: bool) -> None:
    owe(owed, nights)
    for _ in range(3):
        drain()
    assert GuardCheck.objects.count() == int(waits)
    assert JobRun.objects.count() == (1 if waits else owed + 1)
    if waits:
        check = waiting()
        assert (check.name, check.figures) == ("date_jump", {"owed": 32, "until": "2025-03-10"})
        assert check.business_date == TODAY - timedelta(days=31)


def test_catches_up_by_workers_once_the_jump_is_confirmed(nights: Any, operator: User) -> None:
    owe(40, nights)
    drain()
    confirm_guard(check=waiting(), operator=operator, by="li.wei")
    drain()
    dates = list(JobRun.objects.order_by("pk").values_list("business_date", flat=True))
    assert dates == [TODAY - timedelta(days=days) for days in range(40, -1, -1)]
    assert set(JobRun.objects.values_list("status", flat=True)) == {"done"}


def test_goes_no_further_than_was_confirmed(
    nights: Any, operator: User, traveller: time_machine.Traveller
) -> None:
    owe(40, nights)
    drain()
    confirm_guard(check=waiting(), operator=operator, by="li.wei")
    traveller.shift(timedelta(days=50))
    for _ in range(2):
        drain()
    assert JobRun.objects.count() == 41
    assert waiting().business_date == TODAY + timedelta(days=1)


def test_confirms_no_jump_that_is_over(nights: Any, operator: User) -> None:
    owe(40, nights)
    drain()
    check = waiting()
    run_nights(TODAY)
    with pytest.raises(NothingToConfirm):
        confirm_guard(check=check, operator=operator, by="li.wei")
