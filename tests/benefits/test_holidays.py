"""Holiday greetings: on the day of either calendar, once for each member and year."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from benefits.jobs import greet_on_holidays
from benefits.models import Coupon, Holiday
from common.integrity import broken_constraint
from members.models import Member, Notice
from members.notices import told
from tests.factories import MemberFactory
from tests.loyalty.programmes import local

from .offers import offer
from .perks import EVERYONE, LONG_AGO

pytestmark = pytest.mark.django_db

# The lunar year 2025 began on 29 January; the twelfth month before it had 29 days.
EVE = date(2025, 1, 28)


@pytest.fixture
def member(time_machine: Any) -> Member:
    time_machine.move_to(local(2025, 1, 28, 1), tick=False)
    return MemberFactory.create(joined_at=LONG_AGO)


def holiday(**terms: Any) -> Holiday:
    """New Year's Eve of the lunar calendar, unless told otherwise."""
    details: dict[str, Any] = {
        "name_en": "Lunar New Year’s Eve",
        "name_zh": "除夕",
        "calendar": "lunar",
        "month": 12,
        "day": 30,
        "greeting_en": "A happy new year!",
        "greeting_zh": "新春快乐！",
    }
    return Holiday.objects.create(**details | terms)


def night(on: date = EVE) -> dict[str, int]:
    return greet_on_holidays(on, *EVERYONE)


@pytest.mark.parametrize(
    ("terms", "on"),
    [
        ({}, EVE),
        ({"month": 1, "day": 1}, date(2025, 1, 29)),
        ({"calendar": "solar", "month": 1, "day": 1}, date(2025, 1, 1)),
        ({"calendar": "solar", "month": 10, "day": 1}, date(2025, 10, 1)),
    ],
)
def test_greets_on_its_day_only(member: Member, terms: dict[str, Any], on: date) -> None:
    holiday(**terms)
    days = [on - timedelta(days=1), on, on + timedelta(days=1)]
    assert [night(day)["notices"] for day in days] == [0, 1, 0]
    assert Notice.objects.get().business_date == on


def test_greets_once_in_the_members_words(member: Member) -> None:
    holiday()
    assert [night()["notices"], night()["notices"]] == [1, 0]
    texts = []
    for language in ("en", "zh-hans"):
        with override(language):
            texts.append(told(Notice.objects.get(member=member)).text)
    assert [(text.title, text.body) for text in texts] == [
        ("Lunar New Year’s Eve", "A happy new year!"),
        ("除夕", "新春快乐！"),
    ]


def test_brings_a_coupon_once(member: Member) -> None:
    holiday(template=offer())
    assert night() == {"notices": 1, "gifts": 1}
    assert night() == {"notices": 0, "gifts": 0}
    assert Coupon.objects.get().member == member


def test_greets_though_there_are_no_coupons_left(member: Member) -> None:
    holiday(template=offer(stock=0))
    assert night() == {"notices": 1, "gifts": 0, "refused_gifts": 1}


@pytest.mark.parametrize("changes", [{"status": "paused"}, {"joined_on": EVE}])
def test_only_active_members_of_before_are_greeted(member: Member, changes: dict[str, Any]) -> None:
    holiday()
    Member.objects.update(**changes)
    assert night()["notices"] == 0


def test_a_holiday_that_is_switched_off_greets_nobody(member: Member) -> None:
    holiday(is_active=False)
    assert night()["notices"] == 0


@pytest.mark.parametrize(("month", "day"), [(13, 1), (0, 1), (1, 31), (1, 0)])
def test_the_database_refuses_a_day_that_is_none(month: int, day: int, db: None) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        holiday(month=month, day=day)
    assert broken_constraint(refused.value, Holiday) == "holiday_is_a_day"
