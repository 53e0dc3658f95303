"""The inbox: what a member was told, and what of it is still unread."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from common import clock
from members.models import Member, Notice
from members.services import write_notice
from tests.factories import member_with_login

from .conftest import buy

QUERIES = 5


def tell(member: Member, count: int = 1) -> None:
    """So many messages, the latest about the most points."""
    for number in range(1, count + 1):
        params = {
            "points": number,
            "last_day": "2025-06-07",
            "days": 7,
            "code": "base",
            "name_en": "Points",
            "name_zh": "积分",
        }
        at = clock.now() + timedelta(seconds=number)
        write_notice(member=member, kind="points_expiring", key=f"k{number}", params=params, at=at)


def unread(member: Member) -> list[int]:
    rows = Notice.objects.filter(member=member).unread().order_by("pk")
    return [row.params["points"] for row in rows]


def test_sends_a_stranger_to_sign_in(client: Client, programme: None) -> None:
    response = client.get("/inbox/")
    assert (response.status_code, response["Location"]) == (302, "/login/?next=/inbox/")


def test_says_so_where_there_is_nothing(signed_in: Client) -> None:
    page = signed_in.get("/inbox/").content.decode()
    assert "Nothing here yet" in page
    assert "Mark all as read" not in page
    assert "tab-count" not in page


def test_tells_what_a_purchase_earned(signed_in: Client, member: Member) -> None:
    buy(member, "139.12", days_ago=3, number="JA-1")
    page = signed_in.get("/inbox/").content.decode()
    assert "You earned 139 points" in page
    assert "It also brought you: Growth +139." in page
    assert '<a href="/points/">You earned 139 points</a>' in page


def test_speaks_chinese(signed_in: Client, member: Member) -> None:
    buy(member, "139.12", days_ago=3, number="JA-1")
    page = signed_in.get("/inbox/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert "您获得了 139 积分" in page
    assert "成长值 +139" in page


def test_marks_unread_ones_here_and_in_the_navigation_of_every_page(
    signed_in: Client, member: Member
) -> None:
    tell(member, 3)
    for address in ("/", "/points/", "/inbox/"):
        page = signed_in.get(address).content.decode()
        assert '<span class="tab-count number" aria-hidden="true">3</span>' in page, address
        assert "3 unread" in page, address
    assert page.count("is-unread") == 3


@pytest.mark.parametrize(("count", "shown"), [(99, "99"), (100, "99+")])
def test_counts_to_99(signed_in: Client, member: Member, count: int, shown: str) -> None:
    tell(member, count)
    page = signed_in.get("/inbox/").content.decode()
    assert f'aria-hidden="true">{shown}</span>' in page


def test_marks_one_as_read(signed_in: Client, member: Member) -> None:
    tell(member, 3)
    notice = Notice.objects.get(key="k2")
    response = signed_in.post("/inbox/read/", {"notice": notice.pk, "page": 1})
    assert (response.status_code, response["Location"]) == (302, "/inbox/?page=1")
    assert unread(member) == [1, 3]
    assert "2 unread" in signed_in.get("/inbox/").content.decode()


def test_marks_all_as_read(signed_in: Client, member: Member) -> None:
    other = member_with_login()
    tell(member, 3)
    tell(other)
    response = signed_in.post("/inbox/read/", {"page": "2"})
    assert response["Location"] == "/inbox/?page=2"
    assert (unread(member), unread(other)) == ([], [1])
    page = signed_in.get("/inbox/").content.decode()
    assert "Mark all as read" not in page
    assert "unread" not in page


@pytest.mark.parametrize("notice", ["abc", "0", "-1", "999999999"])
def test_finds_no_such_message(signed_in: Client, member: Member, notice: str) -> None:
    tell(member)
    assert signed_in.post("/inbox/read/", {"notice": notice}).status_code == 404
    assert unread(member) == [1]


def test_finds_nobody_elses_message(signed_in: Client, member: Member) -> None:
    other = member_with_login()
    tell(other)
    notice = Notice.objects.get()
    assert signed_in.post("/inbox/read/", {"notice": notice.pk}).status_code == 404
    assert unread(other) == [1]
    assert "expires soon" not in signed_in.get("/inbox/").content.decode()


def test_refuses_to_mark_by_a_link(signed_in: Client, member: Member) -> None:
    tell(member)
    assert signed_in.get("/inbox/read/").status_code == 405
    assert unread(member) == [1]


def test_shows_twenty_a_page_newest_first(signed_in: Client, member: Member) -> None:
    tell(member, 21)
    page = signed_in.get("/inbox/").content.decode()
    assert "21 points expire soon" in page
    assert ">1 point expires soon" not in page
    assert "1–20 of 21" in page
    older = signed_in.get("/inbox/?page=2").content.decode()
    assert ">1 point expires soon" in older
    assert "21–21 of 21" in older


def test_survives_a_kind_that_nobody_knows_any_more(signed_in: Client, member: Member) -> None:
    Notice.objects.create(member=member, kind="weather", key="k", business_date=clock.today())
    assert "News about your membership" in signed_in.get("/inbox/").content.decode()


def test_needs_as_many_queries_for_ten_messages_as_for_one(
    signed_in: Client, member: Member, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tell(member)
    with django_assert_num_queries(QUERIES):
        signed_in.get("/inbox/")
    tell(member, 10)
    with django_assert_num_queries(QUERIES):
        signed_in.get("/inbox/")
