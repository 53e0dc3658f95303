"""`manage.py lifetime_value FILE` fits a file, and says what is wrong with a bad one."""

import json
from collections import Counter
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from .cdnow import FILE, customers, needs_cdnow, orders_file

GOOD = "00004 0001 19970101  2   29.33"


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("lifetime_value", str(path), "--format", "cdnow-sample", *options, stdout=out)
    return out.getvalue()


def fitted(*options: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(FILE, "--json", *options))
    return answer


@needs_cdnow
def test_prints_json() -> None:
    answer = fitted("--calibration-end", "1997-09-30")
    published = {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}
    published |= {"p": 6.25, "q": 3.744, "gamma": 15.44, "log_likelihood": -9582.43}
    assert {name: answer[name] for name in published} == pytest.approx(published, rel=0.001)
    told = ("customers", "returned", "calibration_end", "unit")
    assert [answer[name] for name in told] == [2_357, 946, "1997-09-30", "weeks"]


@needs_cdnow
def test_compares_weeks_before_and_behind_the_calibration() -> None:
    weeks = fitted("--calibration-end", "1997-09-30")["weeks"]
    assert len(weeks) == 78
    assert [week["number"] for week in weeks if week["is_held_out"]] == list(range(40, 79))
    assert weeks[38]["ends_on"] == "1997-09-30"
    repeats = Counter(day for days in customers() for day in days if day > min(days))
    assert sum(week["actual"] for week in weeks) == repeats.total()
    held_out = [week for week in weeks if week["is_held_out"]]
    later = sum(count for day, count in repeats.items() if day > date(1997, 9, 30))
    assert sum(week["actual"] for week in held_out) == later == 1_882
    # What the paper's figure 5 shows: the model tracks the calibration, and lags a little later.
    assert sum(week["expected"] for week in weeks[:39]) == pytest.approx(2_494, abs=0.5)
    assert sum(week["expected"] for week in held_out) == pytest.approx(1_666.7, abs=0.5)


@needs_cdnow
def test_takes_the_last_day_of_the_file_for_the_calibration_end() -> None:
    answer = fitted()
    assert answer["calibration_end"] == "1998-06-30"
    assert not any(week["is_held_out"] for week in answer["weeks"])


@needs_cdnow
def test_prints_a_table() -> None:
    out = run(FILE, "--calibration-end", "1997-09-30")
    assert "        0.2426  r\n" in out
    assert "     -9,582.43  log-likelihood of returning\n" in out
    assert (
        "  39  1997-09-30       62       53.4\n  40  1997-10-07       50       52.7  held out"
        in out
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("00004 0001 19970101 2", "it has 4 fields"),
        ("00004 0001 19970101 2 29.33 1", "it has 6 fields"),
        ("00004 0001 19970231 2 29.33", "the date “19970231” cannot be read"),
        ("00004 0001 1997-1-1 2 29.33", "the date “1997-1-1” cannot be read"),
        ("00004 0001 19970101 two 29.33", "the quantity “two” is not a whole number"),
        ("00004 0001 19970101 2 -29.33", "the amount “-29.33” is not an amount"),
        ("00004 0001 19970101 2 NaN", "the amount “NaN” is not an amount"),
    ],
)
def test_refuses_a_bad_line_with_its_number(line: str, why: str, tmp_path: Path) -> None:
    path = orders_file(tmp_path, [GOOD, "", line, GOOD])
    with pytest.raises(CommandError, match=f"orders.txt cannot be read. Line 3: {why}"):
        run(path)


def test_refuses_what_is_no_file_of_orders(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no such file"):
        run(tmp_path / "absent.txt")
    with pytest.raises(CommandError, match="It is a folder"):
        run(tmp_path)
    with pytest.raises(CommandError, match="It holds no order"):
        run(orders_file(tmp_path, [""]))
    (tmp_path / "latin.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="not text in UTF-8"):
        run(tmp_path / "latin.txt")


def test_refuses_too_little_and_too_early(tmp_path: Path) -> None:
    path = orders_file(tmp_path, [GOOD])
    with pytest.raises(CommandError, match="at least 50 customers; these are of 1"):
        run(path)
    with pytest.raises(CommandError, match="the first purchase was on"):
        run(path, "--calibration-end", "1996-12-31")


def test_refuses_a_format_and_a_date_that_it_does_not_know(tmp_path: Path) -> None:
    path = orders_file(tmp_path, [GOOD])
    with pytest.raises(CommandError, match="Known: cdnow-sample"):
        call_command("lifetime_value", str(path), "--format", "excel")
    with pytest.raises(CommandError, match="is no date"):
        run(path, "--calibration-end", "30.9.1997")
