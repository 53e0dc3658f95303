"""The first night ever: a mistyped date must not leave centuries of nights owed."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from common.jobs.dates import check_reachable
from common.jobs.errors import NightBeforeMembers
from common.models import JobRange, JobRun
from members.jobs import earliest_night
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.programmes import local

pytestmark = pytest.mark.django_db

FIRST = date(2010, 12, 1)


def run(text: str) -> str:
    out = StringIO()
    call_command("run_nightly", "--date", text, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def crowd() -> list[Member]:
    days = local(2011, 6, 1), local(2010, 12, 1, 8, 26), local(2011, 1, 1)
    return [MemberFactory.create(joined_at=day) for day in days]


def test_knows_when_the_first_member_joined(crowd: list[Member]) -> None:
    assert earliest_night() == FIRST == crowd[1].joined_on


@pytest.mark.parametrize("text", ["0001-01-01", "1850-01-01", "2010-11-30"])
def test_refuses_a_first_night_before_anybody_joined(crowd: list[Member], text: str) -> None:
    with pytest.raises(CommandError, match=r"nobody had joined before Dec\. 1, 2010") as refusal:
        run(text)
    assert refusal.value.returncode == 1
    assert "\n" not in str(refusal.value)
    assert not JobRun.objects.exists()
    assert not JobRange.objects.exists()


@pytest.mark.parametrize("text", ["2010-12-01", "2010-12-02", "2011-12-10"])
def test_may_be_from_the_day_that_the_first_member_joined(crowd: list[Member], text: str) -> None:
    assert run(text).startswith(f"Nights: 1, from {text} to {text}.")


def test_a_refused_date_does_not_become_the_first(crowd: list[Member]) -> None:
    with pytest.raises(CommandError):
        run("0001-01-01")
    assert run("2011-12-10").startswith("Nights: 1,")


def test_later_nights_do_not_ask_who_joined(crowd: list[Member]) -> None:
    run("2011-12-10")
    MemberFactory.create(joined_at=local(2012, 1, 1))
    assert run("2011-12-12").startswith("Nights: 2,")


def test_is_fine_without_any_member() -> None:
    assert earliest_night() is None
    assert run("2011-12-10").startswith("Nights: 1,")


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1850, 1, 1), date(1899, 12, 31)])
@pytest.mark.parametrize("joined", [None, date(1, 1, 1)])
def test_refuses_what_no_calendar_of_a_shop_holds(day: date, joined: date | None) -> None:
    """Whoever is said to have joined then, and also when nobody is."""
    if joined:
        MemberFactory.create(joined_on=joined)
    with pytest.raises(NightBeforeMembers):
        check_reachable(day)
    check_reachable(date(1900, 1, 1))


@pytest.mark.parametrize("text", ["9999-12-31", "2999-01-01"])
def test_refuses_a_year_to_come(crowd: list[Member], text: str) -> None:
    with pytest.raises(CommandError, match="has not come yet"):
        run(text)
    assert not JobRun.objects.exists()


@pytest.mark.parametrize("text", ["10000-01-01", "0000-01-01", "-001-01-01"])
def test_refuses_a_year_that_is_none(crowd: list[Member], text: str) -> None:
    with pytest.raises(CommandError, match="is not a date"):
        call_command("run_nightly", f"--date={text}")
    assert not JobRun.objects.exists()
