"""An expiry far above what was foreseen takes nothing before an operator confirms."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from common import clock
from common.jobs.guards import confirm_guard, waiting_check
from common.jobs.operating import run_again
from common.models import JobRun
from members.models import Member
from tests.factories import MemberFactory, OperatorFactory
from tests.sharing import shared

from .programmes import base_points, local
from .tampering import broken
from .test_expiry_guard import NIGHT, earn, expired, night, told

pytestmark = pytest.mark.django_db


def held_night() -> tuple[Member, JobRun]:
    """A night that would take 5,000 points of which a week before 1,000 were foreseen."""
    with time_machine.travel(local(2025, 4, 1, 12), tick=False) as traveller:
        base_points(expiry="never")
        member = MemberFactory.create(joined_at=local(2024, 1, 1))
        told(earn(member, 1_000))
        night(traveller, date(2025, 5, 25))
        told(earn(member, 4_000))
        assert night(traveller, NIGHT).guard is not None
    return member, JobRun.objects.get(step="expire_points", business_date=NIGHT)


world = shared(held_night)


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.start_of(NIGHT) + timedelta(hours=2), tick=False) as traveller:
        yield traveller


@pytest.fixture
def held(world: tuple[Member, JobRun]) -> JobRun:
    return deepcopy(world[1])


@pytest.fixture
def member(world: tuple[Member, JobRun]) -> Member:
    return deepcopy(world[0])


def test_takes_nothing_beyond_the_forecast(held: JobRun, traveller: time_machine.Traveller) -> None:
    check = waiting_check()
    assert check is not None
    assert (check.name, check.run, check.figures) == (
        "expiry_volume",
        held,
        {"due": 5_000, "lots": 2, "forecast": 1_000, "forecast_of": "2025-05-25"},
    )
    later = night(traveller, NIGHT + timedelta(days=3))
    assert later.guard == check
    assert expired() == []
    last = JobRun.objects.order_by("-business_date").values_list("business_date", flat=True)[0]
    assert last == NIGHT


def test_what_a_guard_holds_is_no_violation(held: JobRun) -> None:
    assert broken() == {}


def test_takes_it_once_confirmed(held: JobRun, traveller: time_machine.Traveller) -> None:
    check = waiting_check()
    assert check is not None
    confirm_guard(check=check, operator=OperatorFactory(), by="li.wei")
    assert night(traveller, NIGHT + timedelta(days=3)).is_complete
    assert expired() == [(-5_000, NIGHT)]
    assert broken() == {}


def test_is_asked_anew_when_the_step_is_run_again(
    held: JobRun, member: Member, traveller: time_machine.Traveller
) -> None:
    check = waiting_check()
    assert check is not None
    confirm_guard(check=check, operator=OperatorFactory(), by="li.wei")
    night(traveller, NIGHT)
    told(earn(member, 3_000))
    run_again(run=JobRun.objects.get(pk=held.pk), operator=OperatorFactory())
    report = night(traveller, NIGHT)
    assert report.guard is not None
    assert report.guard.figures["due"] == 3_000
    assert broken() == {}


def test_lists_the_lots_that_a_guard_holds(held: JobRun, client: Client) -> None:
    client.force_login(OperatorFactory())
    address = reverse("admin:loyalty_pointslot_changelist")
    found = client.get(address, {"state": "guarded"})
    assert sorted(lot.points for lot in found.context["cl"].result_list) == [1_000, 4_000]
