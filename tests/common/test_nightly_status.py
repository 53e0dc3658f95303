"""nightly_status: what monitoring can rely on."""

import json
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command

from common.jobs.nights import run_nights
from common.jobs.operating import run_again
from common.jobs.runs import next_run
from common.jobs.scheduler import tick
from common.jobs.status import nightly_status
from common.models import JobRun, LedgerProof
from tests.factories import OperatorFactory
from tests.nights import steps
from tests.nights.fixtures import nights_fixture, use_steps  # noqa: F401

TODAY = date(2025, 3, 10)
YESTERDAY = TODAY - timedelta(days=1)
SECOND = timedelta(seconds=1)
# The hour, 01:00, and two hours of grace.
DEADLINE = datetime(2025, 3, 10, 3, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def traveller(nights: Any) -> Any:
    with time_machine.travel(DEADLINE, tick=False) as traveller:
        yield traveller


def ask(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("nightly_status", *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def asked_json() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(ask("--json")[1])
    return told


def test_is_content_when_last_night_is_complete() -> None:
    run_nights(TODAY)
    code, text = ask()
    assert code == 0
    assert text.splitlines()[:3] == ["last complete: 2025-03-10", "owed: –", "overdue: no"]


@pytest.mark.parametrize(("offset", "code"), [(-SECOND, 0), (0 * SECOND, 1), (SECOND, 1)])
def test_is_overdue_after_the_hour_and_the_grace(
    traveller: time_machine.Traveller, offset: timedelta, code: int
) -> None:
    run_nights(YESTERDAY)
    traveller.shift(offset)
    assert ask()[0] == code
    told = asked_json()
    assert (told["owed"], told["is_overdue"]) == (["2025-03-10"], bool(code))
    assert told["last_complete"] == "2025-03-09"


def test_takes_the_grace_from_the_setting(settings: Any) -> None:
    settings.NIGHTLY_GRACE_MINUTES = 121
    run_nights(YESTERDAY)
    assert ask()[0] == 0


def test_owes_nothing_before_the_hour(traveller: time_machine.Traveller) -> None:
    run_nights(YESTERDAY)
    traveller.shift(timedelta(hours=-2, seconds=-1))
    assert asked_json()["owed"] == []


def test_owes_the_first_night_of_all_once_there_is_somebody() -> None:
    assert (ask()[0], asked_json()["owed"]) == (1, ["2025-03-10"])
    steps.world.members = 0
    assert (ask()[0], asked_json()["owed"]) == (0, [])


def test_counts_a_night_that_has_begun_as_owed() -> None:
    run_nights(YESTERDAY - timedelta(days=1))
    next_run(YESTERDAY)
    told = asked_json()
    assert told["last_complete"] == "2025-03-08"
    assert told["owed"] == ["2025-03-09", "2025-03-10"]


def test_exits_1_for_a_failed_step(settings: Any) -> None:
    settings.NIGHTLY_GRACE_MINUTES = 600
    steps.cursed.add(1)
    run_nights(TODAY)
    code, text = ask()
    assert code == 1
    assert "failed: greet 2025-03-10 2/3" in text
    assert [run["step"] for run in asked_json()["failed"]] == ["greet"]


def test_exits_1_for_a_held_step(nights: Any) -> None:
    nights.NIGHTLY_GRACE_MINUTES = 600
    use_steps(nights, "spend")
    steps.world.price = 101
    run_nights(TODAY)
    assert ask()[0] == 1
    assert asked_json()["held"] == [
        {"step": "spend", "business_date": "2025-03-10", "ranges_done": 0, "ranges_total": 3}
    ]


def test_exits_1_for_a_jump_of_the_date() -> None:
    run_nights(TODAY - timedelta(days=32))
    tick(send=lambda _: None)
    assert (ask()[0], asked_json()["is_jump_waiting"]) == (1, True)


def test_names_what_runs() -> None:
    run_nights(YESTERDAY)
    next_run(TODAY)
    JobRun.objects.filter(business_date=TODAY, step="greet").update(status="running")
    assert [run["step"] for run in asked_json()["running"]] == ["greet"]


def test_owes_no_night_that_is_only_run_again() -> None:
    run_nights(TODAY)
    run_again(run=JobRun.objects.get(step="reward"), operator=OperatorFactory())
    assert ask()[0] == 0
    assert asked_json()["last_complete"] == "2025-03-10"


def test_tells_of_a_broken_ledger_until_a_clean_proof() -> None:
    run_nights(TODAY)
    broken = {"business_date": TODAY, "checks": 16, "violations": 2}
    LedgerProof.objects.create(**broken, findings=[{"id": "I01"}])
    assert asked_json()["broken_invariants"] == ["I01"]
    LedgerProof.objects.create(**broken | {"violations": 0})
    assert asked_json()["broken_invariants"] == []


def test_costs_the_same_however_long_the_silence(django_assert_num_queries: Any) -> None:
    run_nights(TODAY - timedelta(days=30))
    with django_assert_num_queries(5):
        nightly_status()
    run_nights(YESTERDAY)
    with django_assert_num_queries(5):
        nightly_status()
