"""The home page: the card, the points, the way to the next tier."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from benefits.home import home_of
from benefits.templatetags.portal import day
from common import clock
from loyalty.services.points import earn_points, redeem_points
from loyalty.services.purchases import record_refund
from members.models import Member
from tests.factories import OperatorFactory, member_with_login

from .conftest import buy


def test_sends_a_stranger_to_sign_in(client: Client, programme: None) -> None:
    response = client.get("/")
    assert (response.status_code, response["Location"]) == (302, "/login/?next=/")


def test_tells_an_operator_that_there_is_no_membership(client: Client, programme: None) -> None:
    client.force_login(OperatorFactory.create(), backend="members.adapters.LoginBackend")
    assert client.get("/").status_code == 403


def test_shows_the_card(signed_in: Client, member: Member) -> None:
    page = signed_in.get("/").content.decode()
    digits = member.card_number
    assert " ".join((digits[:4], digits[4:8], digits[8:12], digits[12:])) in page
    assert "tier-member" in page
    assert "王小明" in page


def test_keeps_pending_points_apart(member: Member) -> None:
    buy(member, "120.00", days_ago=30, number="1")
    buy(member, "80.00", days_ago=2, number="2")
    points = home_of(member, clock.now()).points
    assert (points.spendable, points.pending_points) == (120, 80)
    assert [dated.on for dated in points.pending] == [clock.today() + timedelta(days=6)]


@pytest.mark.parametrize(("days", "soon"), [(29, 70), (30, 70), (31, 0)])
def test_counts_what_expires_within_30_days(member: Member, days: int, soon: int) -> None:
    last_day = clock.today() + timedelta(days=days)
    earned_on = last_day.replace(year=last_day.year - 1)
    buy(member, "70.00", days_ago=(clock.today() - earned_on).days, number="1")
    points = home_of(member, clock.now()).points
    assert points.expiring_points == soon
    assert [dated.on for dated in points.expiring] == ([last_day] if soon else [])


def test_explains_debt_kindly(signed_in: Client, member: Member) -> None:
    purchase = buy(member, "100.00", days_ago=30, number="1")
    redeem_points(member=member, points=100, key="r")
    at = clock.now()
    record_refund(
        source="till",
        external_id="R1",
        purchase=purchase,  # type: ignore[arg-type]
        at=at,
        amount=Decimal(100),
    )
    page = signed_in.get("/").content.decode()
    assert "100 points to make up" in page
    assert home_of(member, at).points.debt == 100


def test_tells_what_is_missing_to_the_next_tier(member: Member) -> None:
    buy(member, "999.99", days_ago=10, number="1")
    progress = home_of(member, clock.now()).progress
    assert progress.tier is not None
    assert progress.next_tier is not None
    assert (progress.tier.code, progress.next_tier.code) == ("member", "silver")
    assert [(goal.missing, goal.percent) for goal in progress.goals] == [(Decimal("0.01"), 99)]


def test_has_two_goals_where_the_tier_asks_for_two(member: Member) -> None:
    buy(member, "1000.00", days_ago=10, number="1")
    progress = home_of(member, clock.now()).progress
    assert progress.tier is not None
    assert progress.tier.code == "silver"
    assert [(goal.measure, goal.missing) for goal in progress.goals] == [
        ("spend", Decimal(4000)),
        ("growth", Decimal(7000)),
    ]


def test_has_no_goal_above_the_highest_tier(signed_in: Client, member: Member) -> None:
    buy(member, "8000.00", days_ago=10, number="1")
    assert home_of(member, clock.now()).progress.next_tier is None
    assert "Gold: the highest tier" in signed_in.get("/").content.decode()


def test_says_through_which_day_the_tier_holds(signed_in: Client, member: Member) -> None:
    buy(member, "1000.00", days_ago=10, number="1")
    valid_through = home_of(member, clock.now()).progress.valid_through
    assert member.standing.valid_until is not None
    assert valid_through == clock.last_valid_day(member.standing.valid_until)
    assert f"Tier valid through {day(valid_through)}" in signed_in.get("/").content.decode()


def test_speaks_chinese(signed_in: Client, storied: Member) -> None:
    page = signed_in.get("/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert "王小明，您好" in page
    assert "银卡" in page
    assert '<html lang="zh-hans">' in page


def test_needs_as_many_queries_for_ten_entries_as_for_one(
    signed_in: Client, member: Member, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    earn_points(member=member, points=1, key="0")
    with django_assert_num_queries(QUERIES):
        signed_in.get("/")
    for number in range(1, 10):
        earn_points(member=member, points=1, key=str(number))
    with django_assert_num_queries(QUERIES):
        signed_in.get("/")


QUERIES = 15


def test_keeps_pages_out_of_caches(signed_in: Client) -> None:
    assert "no-store" in signed_in.get("/")["Cache-Control"]
    assert "no-store" in signed_in.get("/card/code.svg")["Cache-Control"]


def test_gives_the_code_to_members_only(client: Client, programme: None) -> None:
    assert client.get("/card/code.svg").status_code == 302
    member = member_with_login()
    assert member.user is not None
    client.force_login(member.user, backend="members.adapters.LoginBackend")
    response = client.get("/card/code.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert response.content.startswith(b"<?xml")


def test_tells_the_soonest_of_several_dates(signed_in: Client, member: Member) -> None:
    buy(member, "30.00", days_ago=1, number="1")
    buy(member, "20.00", days_ago=3, number="2")
    page = signed_in.get("/").content.decode()
    soonest, latest = (clock.today() + timedelta(days=days) for days in (5, 7))
    assert f"20 of them to spend from {day(soonest)}" in page
    assert f"To spend from {day(latest)}" in page
