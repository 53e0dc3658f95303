"""An operator erases a member: shown what is lost, asked why, and whom by the card."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from loyalty.services.points import earn_points
from members.models import ErasureRequest, Member
from members.services.erasure import request_erasure
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import base_points

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    base_points()
    member: Member = MemberFactory.create()
    earn_points(member=member, points=420, key="k")
    return member


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(OperatorFactory.create(), backend="members.adapters.LoginBackend")
    return client


def address(member: Member) -> str:
    return f"/admin/members/member/{member.pk}/erase/"


def form(member: Member, **more: Any) -> dict[str, Any]:
    return {"key": "k", "reason": "By letter", "card_number": member.card_number, **more}


def test_shows_what_is_lost(operator: Client, member: Member) -> None:
    page = operator.get(address(member)).content.decode()
    assert member.card_number in page
    assert "The member loses: 420 points, worth CN¥4.20." in page


def test_waits_unless_told_otherwise(operator: Client, member: Member) -> None:
    answer = operator.post(address(member), form(member), follow=True).content.decode()
    request = ErasureRequest.objects.get()
    assert f"will be erased after {request.last_day.isoformat()}" in answer
    assert (request.reason, request.erased_at) == ("By letter", None)
    listed = operator.get(reverse("admin:members_erasurerequest_changelist")).content.decode()
    assert "By letter" in listed


def test_does_it_at_once(operator: Client, member: Member) -> None:
    answer = operator.post(address(member), form(member, at_once="on"), follow=True)
    assert "The member is erased." in answer.content.decode()
    member.refresh_from_db()
    assert (member.status, member.phone) == ("closed", None)
    assert ErasureRequest.objects.get().erased_at


def test_takes_a_card_written_in_groups(operator: Client, member: Member) -> None:
    card = member.card_number
    spaced = " ".join(card[start : start + 4] for start in range(0, 16, 4))
    operator.post(address(member), form(member, card_number=spaced))
    assert ErasureRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"card_number": "1234567890123456"}, "not the card of this member"),
        ({"card_number": ""}, "This field is required."),
        ({"reason": ""}, "This field is required."),
    ],
)
def test_refuses(operator: Client, member: Member, wrong: dict[str, str], said: str) -> None:
    answer = operator.post(address(member), form(member, at_once="on", **wrong))
    assert said in answer.content.decode()
    assert ErasureRequest.objects.count() == 0
    member.refresh_from_db()
    assert member.status == "active"


def test_sent_twice_it_counts_once(operator: Client, member: Member) -> None:
    for _time in range(2):
        operator.post(address(member), form(member))
    assert ErasureRequest.objects.count() == 1


def test_takes_a_request_back(operator: Client, member: Member) -> None:
    request = request_erasure(member=member, key="k")
    page = f"/admin/members/erasurerequest/{request.pk}/take-back/"
    assert operator.get(page).status_code == 200
    assert operator.post(page, {"key": "x"}).status_code == 302
    request.refresh_from_db()
    assert request.cancelled_at
    assert request.cancelled_by is not None


def test_needs_a_permission_of_its_own(client: Client, member: Member) -> None:
    clerk = OperatorFactory.create(is_superuser=False)
    client.force_login(clerk, backend="members.adapters.LoginBackend")
    assert client.get(address(member)).status_code == 403
    assert client.post(address(member), form(member)).status_code == 403
    assert ErasureRequest.objects.count() == 0


def test_an_erased_member_is_still_a_page(operator: Client, member: Member) -> None:
    operator.post(address(member), form(member, at_once="on"))
    page = operator.get(f"/admin/members/member/{member.pk}/change/").content.decode()
    assert "closed" in page
    ledger = operator.get(reverse("admin:loyalty_pointsentry_changelist")).content.decode()
    assert "Forfeited" in ledger
