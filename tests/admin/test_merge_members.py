"""Operators find duplicates, see both side by side, merge them, and make them two again."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from loyalty.services.points import earn_points, redeem_points
from members.duplicates import PAGE_SIZE, likely_duplicates
from members.models import Member, MemberMerge, User
from members.services.merging import merge_members, undo_merge
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import base_points

pytestmark = pytest.mark.django_db

DUPLICATES = "/admin/members/membermerge/duplicates/"


def with_points(points: int, **details: Any) -> Member:
    member: Member = MemberFactory.create(**details)
    earn_points(member=member, points=points, key="k")
    return member


@pytest.fixture
def pair() -> tuple[Member, Member]:
    base_points()
    return with_points(420), with_points(80, external_number="C-80")


def address(member: Member) -> str:
    return f"/admin/members/member/{member.pk}/merge/"


def form(other: Member, **more: Any) -> dict[str, Any]:
    return {"key": "k", "reason": "Asked in the shop", "other": other.card_number, **more}


def rows_of(response: Any) -> dict[str, tuple[str, ...]]:
    return {row[0]: row[1:] for row in response.context["preview"].rows}


# Merging


def test_shows_both_side_by_side_and_changes_nothing(desk: Client, pair: Any) -> None:
    kept, merged = pair
    shown = desk.post(address(kept), form(merged))
    rows = rows_of(shown)
    assert rows["Points"] == ("420", "80", "500")
    assert rows["Card number"] == (kept.card_number, merged.card_number, kept.card_number)
    assert rows["Customer number"] == ("–", "C-80", "C-80")
    assert rows["Coupons"] == ("0", "0", "0")
    assert MemberMerge.objects.count() == 0


def test_figures_are_those_that_come_true(desk: Client, pair: Any) -> None:
    kept, merged = pair
    rows = rows_of(desk.post(address(kept), form(merged)))
    answer = desk.post(address(kept), form(merged, confirm="1"), follow=True)
    assert "The members are merged." in answer.content.decode()
    balance = kept.accounts.get().balance
    assert rows["Points"][2] == str(balance) == "500"
    done = MemberMerge.objects.get()
    assert (done.kept, done.merged, done.reason) == (kept, merged, "Asked in the shop")
    assert done.operator == User.objects.get(username="li.wei")


def test_sent_twice_it_counts_once(desk: Client, pair: Any) -> None:
    kept, merged = pair
    for _time in range(2):
        answer = desk.post(address(kept), form(merged, confirm="1"), follow=True)
        assert "The members are merged." in answer.content.decode()
    assert MemberMerge.objects.count() == 1


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ("nobody", "No member is found for “nobody”."),
        ("itself", "These are one and the same member. Name two."),
    ],
)
def test_a_refusal_is_shown_on_the_form(desk: Client, pair: Any, other: str, told: str) -> None:
    kept, merged = pair
    text = kept.card_number if other == "itself" else other
    for step in ({}, {"confirm": "1"}):
        answer = desk.post(address(kept), form(merged) | {"other": text, **step})
        assert told in answer.content.decode()
    assert MemberMerge.objects.count() == 0


def test_the_merged_member_s_page_leads_to_the_kept_one(desk: Client, pair: Any) -> None:
    kept, merged = pair
    desk.post(address(kept), form(merged, confirm="1"))
    page = desk.get(reverse("admin:members_member_change", args=[merged.pk])).content.decode()
    assert f'href="{reverse("admin:members_member_change", args=[kept.pk])}"' in page
    assert "adjust-points" not in page
    assert "points-as-of" in page


# Undoing


def merged_pair(pair: Any) -> MemberMerge:
    kept, merged = pair
    return merge_members(
        kept=kept, merged=merged, operator=OperatorFactory(), reason="One person", key="k"
    )


def test_tells_before_what_would_be_owed(desk: Client, pair: Any) -> None:
    done = merged_pair(pair)
    redeem_points(member=pair[0], points=450, key="r")
    page = desk.get(f"/admin/members/membermerge/{done.pk}/undo/").content.decode()
    assert "Points: 50 are still there and go back." in page
    assert "Points: 30 were spent meanwhile." in page


def test_undoes(desk: Client, pair: Any) -> None:
    done = merged_pair(pair)
    sent = {"key": "u", "reason": "Two people"}
    answer = desk.post(f"/admin/members/membermerge/{done.pk}/undo/", sent, follow=True)
    assert "The merge is undone." in answer.content.decode()
    done.refresh_from_db()
    assert (done.undo_reason, done.merged.status) == ("Two people", "active")
    assert [member.accounts.get().balance for member in pair] == [420, 80]
    assert "/undo/" not in answer.content.decode()


# Permissions


@pytest.mark.parametrize(
    ("rights", "merges", "undoes", "looks"),
    [
        (("view_member", "view_membermerge"), 403, 403, 200),
        (("view_member", "view_membermerge", "add_membermerge"), 200, 403, 200),
        (("view_member", "view_membermerge", "change_membermerge"), 403, 200, 200),
        (("view_member", "add_membermerge"), 200, 403, 403),
    ],
)
def test_asks_for_permission(
    client: Client, pair: Any, rights: tuple[str, ...], merges: int, undoes: int, looks: int
) -> None:
    clerk = OperatorFactory(is_superuser=False)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(clerk)
    done = merged_pair((with_points(1), with_points(2)))
    undo = f"/admin/members/membermerge/{done.pk}/undo/"
    answers = [client.get(each).status_code for each in (address(pair[0]), undo, DUPLICATES)]
    assert answers == [merges, undoes, looks]


# Likely duplicates


def found() -> list[tuple[int, int, str]]:
    return [(pair.older.pk, pair.newer.pk, str(pair.sign)) for pair in likely_duplicates().pairs]


def test_finds_a_phone_number_in_another_writing() -> None:
    one = MemberFactory.create(phone="+8613900000001")
    other = MemberFactory.create(phone=None, external_number="13900000001")
    third = MemberFactory.create(phone="+4413900000001")
    sign = "same phone number"
    assert found() == [
        (one.pk, third.pk, sign),
        (other.pk, third.pk, sign),
        (one.pk, other.pk, sign),
    ]


def test_finds_an_address_whatever_its_case() -> None:
    one = MemberFactory.create(email="lin@example.com")
    other = MemberFactory.create(email=None, external_number="Lin@Example.COM")
    assert found() == [(one.pk, other.pk, "same e-mail address")]


@pytest.mark.parametrize(
    ("years", "is_found"),
    [((1990, 1990), True), ((1990, None), True), ((None, None), True), ((1990, 1991), False)],
)
def test_finds_a_name_and_birthday(years: tuple[int | None, int | None], is_found: bool) -> None:
    names = {"family_name": "Lin", "given_name": "Xiaowen", "birth_month": 3, "birth_day": 20}
    one, other = (MemberFactory.create(**names, birth_year=year) for year in years)
    MemberFactory.create(**{**names, "birth_day": 21})
    MemberFactory.create(**{**names, "birth_calendar": "lunar"})
    MemberFactory.create(**{**names, "given_name": "Xiaoli"})
    expected = [(one.pk, other.pk, "same name and birthday")] if is_found else []
    assert found() == expected


def test_the_surest_sign_is_told_and_closed_ones_are_left_out() -> None:
    names = {"birth_month": 3, "birth_day": 20}
    one = MemberFactory.create(phone="+8613900000001", **names)
    other = MemberFactory.create(phone=None, external_number="13900000001", **names)
    MemberFactory.create(status="closed", **names)
    assert found() == [(one.pk, other.pk, "same phone number")]


def test_who_is_merged_is_no_duplicate_any_more_until_it_is_undone() -> None:
    base_points()
    names = {"birth_month": 3, "birth_day": 20}
    one, other = (MemberFactory.create(**names) for _number in range(2))
    assert len(found()) == 1
    done = merged_pair((one, other))
    assert found() == []
    undo_merge(merge=done, operator=OperatorFactory(), reason="Two people")
    assert len(found()) == 1


def test_leads_to_a_form_that_names_the_other(desk: Client) -> None:
    base_points()
    one = MemberFactory.create(phone="+8613900000001")
    other = MemberFactory.create(phone=None, external_number="13900000001")
    page = desk.get(DUPLICATES).content.decode()
    link = f"{address(one)}?other={other.card_number}"
    assert f'href="{link}"' in page
    assert f'value="{other.card_number}"' in desk.get(link).content.decode()


def test_says_so_where_there_are_none(desk: Client) -> None:
    assert "No two open memberships" in desk.get(DUPLICATES).content.decode()


def test_pages_of_duplicates() -> None:
    names = {"birth_month": 3, "birth_day": 20}
    for _number in range(9):
        MemberFactory.create(**names)
    first, second = likely_duplicates(1), likely_duplicates(2)
    assert (len(first.pairs), first.has_next) == (PAGE_SIZE, True)
    assert (len(second.pairs), second.has_next) == (36 - PAGE_SIZE, False)


def queries_of(desk: Client, page: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert desk.get(page).status_code == 200
    return len(captured)


@pytest.mark.parametrize("page", [DUPLICATES, "/admin/members/membermerge/"])
def test_costs_the_same_for_one_row_and_for_ten(desk: Client, page: str) -> None:
    base_points()

    def more(count: int, first: int) -> None:
        for number in range(first, first + count):
            names = {"birth_month": 3, "birth_day": 20, "given_name": f"N{number}"}
            MemberFactory.create(**names), MemberFactory.create(**names)
            merged_pair((MemberFactory.create(), MemberFactory.create()))

    more(1, 0)
    desk.get(page)
    one = queries_of(desk, page)
    more(9, 1)
    assert queries_of(desk, page) == one


def test_the_preview_costs_the_same_whatever_they_hold(desk: Client, pair: Any) -> None:
    kept, merged = pair

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            desk.post(address(kept), form(merged))
        return len(captured)

    cost()
    few = cost()
    for number in range(10):
        earn_points(member=merged, points=5, key=f"m{number}")
    assert cost() == few
