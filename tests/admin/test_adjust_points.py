"""An operator adjusts points on a form page: once, with a reason, or refused in words."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from loyalty.models import PointsEntry, PointType
from loyalty.services.adjustments import adjust_points
from members.models import Member, User
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.ledgers import account_of
from tests.loyalty.programmes import full_programme


@pytest.fixture
def member(db: None) -> Member:
    full_programme()
    member = MemberFactory()
    adjust_points(member=member, points=100, key="start", reason="A start")
    return member


def url(member: Member) -> str:
    return reverse("admin:members_member_adjust", args=[member.pk])


def filled_in(page: str, **details: Any) -> dict[str, Any]:
    """The form as the page holds it, with its own key."""
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key is not None
    kind = PointType.objects.base().pk
    return {"key": key[1], "point_type": kind, "points": "50", "reason": "A late parcel", **details}


def test_shows_what_the_member_holds_before_it_changes(desk: Client, member: Member) -> None:
    page = desk.get(url(member)).content.decode()
    assert "Holds now: Points 100." in page
    assert account_of(member).balance == 100


def test_gives_points_in_the_operators_name(desk: Client, member: Member, operator: User) -> None:
    data = filled_in(desk.get(url(member)).content.decode())
    response = desk.post(url(member), data, follow=True)
    assert "The points were adjusted." in response.content.decode()
    entry = PointsEntry.objects.latest("pk")
    assert (entry.kind, entry.points, entry.operator) == ("adjust", 50, operator)
    assert entry.note.text == "A late parcel"
    assert account_of(member).balance == 150


def test_posts_once_when_sent_twice(desk: Client, member: Member) -> None:
    data = filled_in(desk.get(url(member)).content.decode(), points="-30")
    for _ in range(2):
        assert desk.post(url(member), data).status_code == 302
    assert account_of(member).balance == 70
    assert PointsEntry.objects.count() == 2


def test_makes_a_key_for_each_page(desk: Client, member: Member) -> None:
    first, second = (filled_in(desk.get(url(member)).content.decode()) for _ in range(2))
    assert first["key"] != second["key"]


def test_takes_no_more_than_there_is_and_says_so(desk: Client, member: Member) -> None:
    data = filled_in(desk.get(url(member)).content.decode(), points="-101")
    page = desk.post(url(member), data).content.decode()
    assert "Only 100 points can be spent now; 101 were asked for." in page
    assert "A late parcel" in page
    assert account_of(member).balance == 100


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"reason": " "}, "This field is required."),
        ({"points": "0"}, "An adjustment of 0 points changes nothing."),
        ({"points": "1.5"}, "Enter a whole number."),
        ({"points": "9" * 20}, "less than or equal to 1000000000"),
        ({"point_type": "999"}, "Select a valid choice."),
    ],
)
def test_refuses_what_the_form_lacks(
    details: dict[str, str], words: str, desk: Client, member: Member
) -> None:
    data = filled_in(desk.get(url(member)).content.decode(), **details)
    assert words in desk.post(url(member), data).content.decode()
    assert account_of(member).balance == 100


def test_refuses_a_key_used_for_something_else(desk: Client, member: Member) -> None:
    data = filled_in(desk.get(url(member)).content.decode(), key="start")
    assert "already used for something else" in desk.post(url(member), data).content.decode()
    assert account_of(member).balance == 100


def test_is_not_for_operators_who_only_look(client: Client, member: Member) -> None:
    onlooker = OperatorFactory(is_superuser=False)
    onlooker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(onlooker)
    page = reverse("admin:members_member_change", args=[member.pk])
    assert "adjust-points" not in client.get(page).content.decode()
    assert client.get(url(member)).status_code == 403
    assert client.post(url(member), {"points": "5"}).status_code == 403
    assert account_of(member).balance == 100


def test_knows_no_member_that_is_not_there(desk: Client, member: Member) -> None:
    missing = reverse("admin:members_member_adjust", args=[member.pk + 1])
    assert desk.get(missing).status_code == 404
