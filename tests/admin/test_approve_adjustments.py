"""The queue of adjustments: who asks cannot approve, who approves posts, once."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from loyalty.models import AdjustmentRequest, PointsEntry
from loyalty.services.adjustments import request_adjustment
from members.models import Member, User
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.ledgers import account_of
from tests.loyalty.programmes import full_programme

QUEUE = "admin:loyalty_adjustmentrequest_changelist"


@pytest.fixture
def member(db: None) -> Member:
    full_programme()
    return MemberFactory()


@pytest.fixture
def asked(member: Member) -> AdjustmentRequest:
    maker = OperatorFactory(username="zhao.min")
    return request_adjustment(
        member=member, points=900, key="k", reason="A lost parcel", maker=maker
    )


def url(row: AdjustmentRequest, deed: str) -> str:
    return reverse(f"admin:loyalty_adjustmentrequest_{deed}", args=[row.pk])


def send(desk: Client, row: AdjustmentRequest, deed: str, note: str = "") -> str:
    return desk.post(url(row, deed), {"key": "f", "note": note}, follow=True).content.decode()


def test_adjusting_above_the_limit_only_asks(desk: Client, member: Member, operator: User) -> None:
    address = reverse("admin:members_member_adjust", args=[member.pk])
    page = desk.get(address).content.decode()
    assert "More than 500 points wait until another operator approves." in page
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key is not None
    kind = re.search(r'<option value="(\d+)"[^>]*>Points<', page)
    assert kind is not None
    data = {"key": key[1], "point_type": kind[1], "points": "501", "reason": "A lost parcel"}
    for _ in range(2):
        page = desk.post(address, data, follow=True).content.decode()
        assert "No points have moved yet: the adjustment waits for approval." in page
    assert "Waiting for approval" in page
    row = AdjustmentRequest.objects.get()
    assert (row.points, row.maker, row.status) == (501, operator, "waiting")
    assert not PointsEntry.objects.exists()


def test_queue_shows_what_waits_and_the_rest_when_asked(
    desk: Client, asked: AdjustmentRequest, operator: User
) -> None:
    request_adjustment(
        member=asked.account.member, points=5, key="s", reason="A small one", maker=operator
    )
    shown = {
        status: desk.get(reverse(QUEUE), {"status": status} if status else {}).content.decode()
        for status in ("", "posted", "all")
    }
    found = {
        status: ("A lost parcel" in page, "A small one" in page) for status, page in shown.items()
    }
    assert found == {"": (True, False), "posted": (False, True), "all": (True, True)}
    assert "+900" in shown[""]
    assert "0 / 1" in shown[""]


def test_another_operator_approves(desk: Client, asked: AdjustmentRequest) -> None:
    page = desk.get(url(asked, "approve")).content.decode()
    assert "zhao.min asks for +900 points (Points): A lost parcel" in page
    page = send(desk, asked, "approve", "Seen the slip")
    assert "You have approved: the points were adjusted." in page
    assert "Seen the slip" in page
    assert account_of(asked.account.member).balance == 900


def test_first_of_two_approvals_moves_nothing(desk: Client, asked: AdjustmentRequest) -> None:
    great = request_adjustment(
        member=asked.account.member, points=50_001, key="g", reason="Great", maker=asked.maker
    )
    assert "One more operator must approve" in send(desk, great, "approve")
    assert not PointsEntry.objects.exists()
    queue = desk.get(reverse("admin:loyalty_adjustmentrequest_changelist")).content.decode()
    assert "1 / 2 · li.wei" in queue  # who has approved already
    assert "0 / 1" in queue


def test_maker_is_refused_in_words(client: Client, asked: AdjustmentRequest) -> None:
    words = "You asked for this adjustment yourself: another operator must decide on it."
    client.force_login(asked.maker)  # type: ignore[arg-type]
    assert words in client.get(url(asked, "approve")).content.decode()
    for deed in ("approve", "reject"):
        page = client.post(url(asked, deed), {"key": "f", "note": "Mine"}).content.decode()
        assert page.count(words) == 2
    asked.refresh_from_db()
    assert asked.status == "waiting"
    assert "The adjustment was withdrawn." in send(client, asked, "withdraw")


def test_rejecting_says_why(desk: Client, asked: AdjustmentRequest) -> None:
    assert "This field is required." in send(desk, asked, "reject")
    page = send(desk, asked, "reject", "No such parcel")
    assert "The adjustment was rejected. No points moved." in page
    assert "No such parcel" in page
    assert not PointsEntry.objects.exists()


def test_closed_one_has_no_buttons_and_refuses(desk: Client, asked: AdjustmentRequest) -> None:
    page = reverse("admin:loyalty_adjustmentrequest_change", args=[asked.pk])
    assert url(asked, "approve") in desk.get(page).content.decode()
    send(desk, asked, "reject", "No such parcel")
    assert url(asked, "approve") not in desk.get(page).content.decode()
    other = Client()
    other.force_login(OperatorFactory())
    assert "waits for nobody any more. Its status: rejected." in send(other, asked, "approve")
    assert not PointsEntry.objects.exists()


@pytest.mark.parametrize(
    ("permissions", "may_ask", "may_decide"),
    [
        ([], False, False),
        (["add_pointsentry"], True, False),
        (["approve_adjustmentrequest"], False, True),
    ],
)
def test_asking_and_approving_are_permissions_apart(
    permissions: list[str],
    may_ask: bool,
    may_decide: bool,
    client: Client,
    asked: AdjustmentRequest,
) -> None:
    person: Any = OperatorFactory(is_superuser=False)
    looking = Permission.objects.filter(codename__startswith="view_")
    person.user_permissions.set([*looking, *Permission.objects.filter(codename__in=permissions)])
    client.force_login(person)
    adjust = reverse("admin:members_member_adjust", args=[asked.account.member_id])
    answers = {True: 200, False: 403}
    assert client.get(adjust).status_code == answers[may_ask]
    assert client.get(url(asked, "withdraw")).status_code == answers[may_ask]
    for deed in ("approve", "reject"):
        assert client.get(url(asked, deed)).status_code == answers[may_decide]
        if not may_decide:
            assert client.post(url(asked, deed), {"key": "f", "note": "No"}).status_code == 403
    asked.refresh_from_db()
    assert asked.status == "waiting"
