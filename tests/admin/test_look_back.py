"""Operators look back at what a member held, and ahead at what will expire."""

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from loyalty.models import PointsLot
from loyalty.services.points import earn_points, redeem_points
from members.models import Member
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import full_programme, local

FORECAST = "admin:loyalty_pointslot_forecast"
NOON = local(2025, 3, 14, 12)


@pytest.fixture
def member(db: None) -> Member:
    full_programme()
    return MemberFactory(joined_at=local(2024, 1, 1))


def earn(member: Member, points: int, key: str = "e") -> None:
    earn_points(member=member, points=points, key=key, now=local(2024, 6, 1, 12))


def url(member: Member) -> str:
    return reverse("admin:members_member_as_of", args=[member.pk])


def look(desk: Client, address: str, language: str = "en", **asked: str) -> str:
    with time_machine.travel(NOON, tick=False):
        response = desk.get(address, asked, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


def test_shows_what_was_held_on_a_day(desk: Client, member: Member) -> None:
    earn(member, 1200)
    redeem_points(member=member, points=200, key="r", now=local(2024, 7, 1, 12))
    before = look(desk, url(member), on="2024-06-30")
    after = look(desk, url(member), on="2024-07-01")
    assert "1,200 spendable" in before
    assert "2024-06-30 23:59:59" in before
    assert "1,000 spendable" in after
    for text in ("2024-06-09", "2025-06-01", "2025-06"):
        assert text in after


def test_shows_an_instant_of_a_day(desk: Client, member: Member) -> None:
    earn(member, 1200)
    assert "No points then." in look(desk, url(member), on="2024-06-01", time="11:59")
    page = look(desk, url(member), on="2024-06-01", time="12:00")
    assert "0 spendable" in page
    assert "1,200 pending" in page


def test_begins_with_now(desk: Client, member: Member) -> None:
    earn(member, 1200)
    page = look(desk, url(member))
    assert "2025-03-14 12:00:00" in page
    assert "1,200 spendable" in page


@pytest.mark.parametrize(
    ("day", "time", "words"),
    [
        ("2025-03-15", "", "This lies in the future: March 15, 2025."),
        ("2025-03-14", "12:01", "This lies in the future"),
        ("2024-02-30", "", "Enter a valid date."),
        ("0001-01-01", "00:00", "greater than or equal to"),
        ("9999-12-31", "", "This lies in the future"),
        ("2024-06-01", "25:00", "Enter a valid time."),
        ("", "", "This field is required."),
    ],
)
def test_refuses_what_is_no_day_gone_by(
    day: str, time: str, words: str, desk: Client, member: Member
) -> None:
    page = look(desk, url(member), on=day, time=time)
    assert words in page
    assert "overview-figure" not in page


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("lots", [1, 10])
def test_costs_the_same_for_ten_lots(
    lots: int, language: str, desk: Client, member: Member
) -> None:
    for number in range(lots):
        earn(member, 10, f"{number}")
    for address, queries in ((url(member), 9), (reverse(FORECAST), 8)):
        look(desk, address, language)
        with CaptureQueriesContext(connection) as captured:
            look(desk, address, language)
        assert len(captured) == queries


def test_forecasts_months_and_liability(desk: Client, member: Member) -> None:
    earn(member, 1200)
    earn_points(member=member, points=34, key="late", now=NOON)
    page = look(desk, reverse(FORECAST))
    for text in ("CN¥12.34", "1,234 points, if every one were spent", "2025-06", "2026-03"):
        assert text in page
    chinese = look(desk, reverse(FORECAST), "zh-hans")
    assert "¥12.34" in chinese


def test_says_when_no_points_are_out(desk: Client, member: Member) -> None:
    assert "No points are out." in look(desk, reverse(FORECAST))


def test_is_only_for_who_may_see_the_ledger(client: Client, member: Member) -> None:
    client.force_login(OperatorFactory(is_superuser=False))
    assert client.get(url(member)).status_code == 403
    assert client.get(reverse(FORECAST)).status_code == 403


def test_knows_no_member_that_is_not_there(desk: Client, member: Member) -> None:
    missing = reverse("admin:members_member_as_of", args=[member.pk + 1])
    assert desk.get(missing).status_code == 404


@pytest.mark.parametrize(
    ("language", "opened", "last"),
    [("en", "June 9, 2024", "June 1, 2025"), ("zh-hans", "2024年6月9日", "2025年6月1日")],
)
def test_writes_the_days_of_a_lot_out(
    desk: Client, member: Member, language: str, opened: str, last: str
) -> None:
    """As lists do: on the entry that took from it, and on its own page."""
    earn(member, 1200)
    taken = redeem_points(member=member, points=200, key="r", now=local(2024, 7, 1, 12))
    entry = look(desk, reverse("admin:loyalty_pointsentry_change", args=[taken.pk]), language)
    assert opened in entry
    assert last in entry
    lot = PointsLot.objects.get()
    page = look(desk, reverse("admin:loyalty_pointslot_change", args=[lot.pk]), language)
    assert last in page
    assert "2025-06-01" not in entry + page
