"""Where somebody is signed in: seen, and ended one by one or all but this."""

from http import HTTPStatus

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from members import rules
from members.jobs import forget_codes
from members.models import Member
from tests.factories import PASSWORD, login_of, member_with_login

from .codes import signed_in

pytestmark = pytest.mark.django_db

PHONE = "+8613800138000"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
WECHAT = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50"
)


@pytest.fixture
def anna() -> Member:
    return member_with_login(phone=PHONE)


def device(user_agent: str = IPHONE, phone: str = PHONE) -> Client:
    client = Client(HTTP_USER_AGENT=user_agent)
    client.post("/login/", {"login": phone, "password": PASSWORD})
    return client


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (IPHONE, "Safari · iPhone"),
        (WECHAT, "WeChat · Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5) Firefox/127.0", "Firefox · macOS"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_device_has_a_name_that_its_owner_knows(user_agent: str, name: str) -> None:
    assert rules.device_name(user_agent) == name


def test_lists_this_device_first(anna: Member) -> None:
    device(WECHAT)
    here = device()
    device("curl/8.0")
    rows = here.get("/account/devices/").context["devices"]
    assert [(row["name"], row["is_this"]) for row in rows] == [
        ("Safari · iPhone", True),
        ("", False),
        ("WeChat · Android", False),
    ]
    page = here.get("/account/devices/").content.decode()
    assert "A device" in page
    assert "signed in on 3 devices" in here.get("/account/").content.decode()


def test_ends_one(anna: Member) -> None:
    there, here = device(WECHAT), device()
    session = UserSession.objects.get(session_key=there.session.session_key)
    assert here.post(f"/account/devices/{session.pk}/end/")["Location"] == "/account/devices/"
    assert there.get("/account/")["Location"] == "/login/?next=/account/"
    assert here.get("/account/").status_code == HTTPStatus.OK


def test_ends_this_one_by_signing_out(anna: Member) -> None:
    here = device()
    session = UserSession.objects.get()
    assert here.post(f"/account/devices/{session.pk}/end/")["Location"] == "/login/"
    assert signed_in(here) is None


def test_ends_all_others(anna: Member) -> None:
    others, here = [device(WECHAT), device("curl/8.0")], device()
    here.post("/account/devices/end-others/")
    assert "2 other devices were signed out." in here.get("/account/devices/").content.decode()
    assert [client.get("/account/").status_code for client in others] == [HTTPStatus.FOUND] * 2
    assert Session.objects.count() == 1


def test_anothers_device_is_not_found(anna: Member) -> None:
    member_with_login(phone="+8613700137000")
    theirs = device(phone="+8613700137000")
    session = UserSession.objects.get()
    here = device()
    assert here.post(f"/account/devices/{session.pk}/end/").status_code == HTTPStatus.NOT_FOUND
    assert theirs.get("/account/").status_code == HTTPStatus.OK


def test_what_ended_by_itself_is_forgotten(anna: Member) -> None:
    here, there = device(), device(WECHAT)
    Session.objects.filter(session_key=there.session.session_key).delete()
    forget_codes()
    assert UserSession.objects.get().session_key == here.session.session_key


def test_a_session_from_before_sees_an_empty_list(client: Client, anna: Member) -> None:
    client.force_login(login_of(anna))
    assert "No device is written down" in client.get("/account/devices/").content.decode()
