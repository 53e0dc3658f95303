"""run_nightly: what an operator sees and what a script can rely on."""

from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from common.models import JobRun
from tests.nights import steps
from tests.nights.fixtures import nights_fixture, use_steps  # noqa: F401


@pytest.fixture(autouse=True)
def _nights(nights: Any) -> None:
    """Every test here runs nights."""


def run(*arguments: str, err: StringIO | None = None) -> tuple[str, str]:
    out, err = StringIO(), err or StringIO()
    call_command("run_nightly", *arguments, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def test_writes_a_line_per_step_and_a_conclusion() -> None:
    run("--date", "2025-03-01")
    out, err = run("--date", "2025-03-03")
    assert err.splitlines() == [
        "2025-03-02 greet 3/3 members 30",
        "2025-03-02 summarise 1/1 members 1",
        "2025-03-02 reward 3/3 members 30",
        "2025-03-03 greet 3/3 members 30",
        "2025-03-03 summarise 1/1 members 1",
        "2025-03-03 reward 3/3 members 30",
    ]
    assert out.splitlines() == [
        "Nights: 2, from 2025-03-02 to 2025-03-03.",
        "greet: members 60",
        "summarise: members 2",
        "reward: members 60",
    ]


def test_updates_one_line_on_a_terminal() -> None:
    terminal = StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    _, err = run("--date", "2025-03-01", err=terminal)
    assert err.count("\n") == 1
    assert [line.rstrip() for line in err.rstrip("\n").split("\r")[1:5]] == [
        "2025-03-01 greet 0/3",
        "2025-03-01 greet 1/3",
        "2025-03-01 greet 2/3",
        "2025-03-01 greet 3/3 members 30",
    ]


def test_says_when_there_is_nothing_to_do() -> None:
    run("--date", "2025-03-01")
    out, err = run("--date", "2025-03-01")
    assert out == "The night of 2025-03-01 has run already; there is nothing to do.\n"
    assert err == ""


@time_machine.travel("2025-03-01 16:30:00+00:00", tick=False)
def test_takes_today_in_the_programmes_zone() -> None:
    out, _ = run()
    assert out.startswith("Nights: 1, from 2025-03-02 to 2025-03-02.")


@pytest.mark.parametrize("text", ["", "yesterday", "2025-02-29", "01.03.2025", "2025-13-01"])
def test_refuses_what_is_not_a_date(text: str) -> None:
    with pytest.raises(CommandError, match="is not a date") as refusal:
        run(f"--date={text}")
    assert refusal.value.returncode == 1
    assert not JobRun.objects.exists()


def test_refuses_a_date_before_the_first_night() -> None:
    run("--date", "2025-03-02")
    with pytest.raises(CommandError, match=r"^The first night was March 2, 2025; no night runs"):
        run("--date", "2025-03-01")


def test_refuses_a_date_to_come() -> None:
    with pytest.raises(CommandError, match="has not come yet"):
        run("--date", "2999-01-01")


def test_ends_with_the_error_of_a_failed_range() -> None:
    steps.cursed.add(25)
    with pytest.raises(CommandError) as failure:
        run("--date", "2025-03-01")
    text = str(failure.value)
    assert text.startswith("greet 2025-03-01 failed for members 21 to 30:\nTraceback")
    assert text.endswith("RuntimeError: A cursed member.")
