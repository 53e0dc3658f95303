"""The check-in page: once a day, days in a row, and what today gives."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from common import clock
from loyalty.check_ins import check_ins_of
from loyalty.models import Activity, EarningRule, PointsEntry, PointType
from loyalty.services.activities import check_in
from loyalty.services.configuration import create_rule, retire_rule
from members.models import Member
from tests.loyalty.programmes import local

PAGE, BUTTON = "/check-in/", "/check-in/today/"
# Noon of a Wednesday in the middle of a month.
NOON = local(2026, 4, 15, 12)


@pytest.fixture
def noon(programme: None) -> Any:
    """It is noon, and check-ins earn 5 points, every third in a row 20 more."""
    base = PointType.objects.base()
    words = {"trigger": "check_in", "point_type": base, "name_zh": "签到"}
    create_rule(code="visit", name_en="Check-in", points=5, **words)
    create_rule(code="three", name_en="Three days", points=20, streak_every=3, **words)
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def text(client: Client, address: str = PAGE) -> str:
    return client.get(address).content.decode()


def test_checks_in_once_however_often_it_is_tapped(
    noon: Any, signed_in: Client, member: Member
) -> None:
    assert "Check in</button>" in text(signed_in)
    for _tap in range(2):
        response = signed_in.post(BUTTON)
        assert (response.status_code, response["Location"]) == (302, PAGE)
    page = text(signed_in)
    assert "You have checked in today" in page
    assert "Check in</button>" not in page
    assert "1 day in a row" in page
    assert Activity.objects.filter(member=member).count() == 1
    assert PointsEntry.objects.total() == 5


def test_gives_htmx_the_day_anew_with_a_message(noon: Any, signed_in: Client) -> None:
    response = signed_in.post(BUTTON, headers={"HX-Request": "true", "HX-Target": "check-in"})
    part = response.content.decode()
    assert response.status_code == 200
    assert part.count('id="check-in"') == 1
    assert "<html" not in part
    assert "See you tomorrow" in part
    assert 'hx-swap-oob="beforeend:#toasts"' in part
    assert "toast-success" in part


def test_asks_for_a_token(noon: Any, member: Member) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert member.user is not None
    strict.force_login(member.user, backend="members.adapters.LoginBackend")
    assert strict.post(BUTTON).status_code == 403
    page = strict.get(PAGE).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert strict.post(BUTTON, {"csrfmiddlewaretoken": token}).status_code == 302
    assert Activity.objects.count() == 1


def test_only_a_post_checks_in(noon: Any, signed_in: Client) -> None:
    assert signed_in.get(BUTTON).status_code == 405
    assert not Activity.objects.exists()


def test_tells_what_today_gives_before_and_after(
    noon: Any, signed_in: Client, member: Member
) -> None:
    for day in (2, 1):
        check_in(member=member, now=NOON - timedelta(days=day))
    before = check_ins_of(member, clock.now())
    assert (before.streak.days, before.streak.is_checked) == (2, False)
    assert [(given.kind.code, given.points) for given in before.gives] == [("base", 25)]
    signed_in.post(BUTTON)
    after = check_ins_of(member, clock.now())
    assert (after.streak.days, after.streak.is_checked) == (3, True)
    assert [given.points for given in after.gives] == [25]
    assert after.sentences == [
        "Members earn 20 points for every 3 check-ins in a row",
        "Members earn 5 points for a check-in",
    ]


def test_shows_this_month_and_no_other(noon: Any, member: Member) -> None:
    for day in (15, 10, 1):
        check_in(member=member, now=NOON - timedelta(days=day))
    weeks = check_ins_of(member, clock.now()).weeks
    days = [day for week in weeks for day in week if day]
    assert {len(week) for week in weeks} == {7}
    assert [day.on.day for day in days] == list(range(1, 31))
    assert [day.on.day for day in days if day.is_checked] == [5, 14]
    assert [day.on.day for day in days if day.is_today] == [15]
    # 1 April 2026 is a Wednesday.
    assert [day.on.day if day else None for day in weeks[0]] == [None, None, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(("minutes", "streak"), [(-1, 1), (0, 2)])
def test_a_day_begins_at_midnight_of_the_programme(
    noon: Any, signed_in: Client, member: Member, minutes: int, streak: int
) -> None:
    check_in(member=member, now=NOON)
    noon.move_to(local(2026, 4, 16) + timedelta(minutes=minutes))
    signed_in.post(BUTTON)
    assert Activity.objects.filter(member=member).latest("pk").streak == streak


def test_leads_there_from_home(noon: Any, signed_in: Client, member: Member) -> None:
    check_in(member=member, now=NOON - timedelta(days=1))
    home = text(signed_in, "/")
    assert f'href="{PAGE}"' in home
    assert "Check in today" in home
    assert "1 day in a row" in home
    signed_in.post(BUTTON)
    assert "Checked in today" in text(signed_in, "/")


def test_is_off_while_no_rule_rewards_it(noon: Any, signed_in: Client) -> None:
    base = PointType.objects.base()
    for rule in base.rules.filter(trigger="check_in"):
        retire_rule(rule=rule)
    assert "There are no points for check-ins at the moment." in text(signed_in)
    assert PAGE not in text(signed_in, "/")
    assert signed_in.post(BUTTON)["Location"] == PAGE
    assert not Activity.objects.exists()


def test_speaks_chinese(noon: Any, signed_in: Client) -> None:
    page = signed_in.get(PAGE, headers={"accept-language": "zh-hans"}).content.decode()
    assert "会员每连续签到 3 天得 20 积分" in page
    assert "Check" not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Check-in", "2 days in a row")), ("zh-hans", ("签到", "已连续签到 2 天"))],
)
def test_the_history_names_the_activity(
    noon: Any, signed_in: Client, member: Member, language: str, words: tuple[str, ...]
) -> None:
    """On the line itself and in the answer to why, with the days in a row."""
    EarningRule.objects.update(name_en="Hello", name_zh="你好")
    for days in (1, 0):
        check_in(member=member, now=NOON - timedelta(days=days))
    page = signed_in.get("/points/", headers={"accept-language": language}).content.decode()
    assert all(word in page for word in words)
    assert f"· {words[0]}" in page
