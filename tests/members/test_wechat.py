"""Signing in by WeChat: hidden where it is not configured, tied to a member by a code."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from pytest_django import Settings

from members.models import Member
from tests.factories import PASSWORD, login_of, member_with_login

from .codes import Capsys, ask, signed_in, texted, type_in

pytestmark = pytest.mark.django_db

PHONE = "+8613800138000"


class Answer:
    """What WeChat's servers answer."""

    status_code = HTTPStatus.OK
    content = b""

    def __init__(self, body: dict[str, str]) -> None:
        self.body = body

    def json(self) -> dict[str, str]:
        return self.body

    def raise_for_status(self) -> None:
        """Everything is well."""


@pytest.fixture
def wechat(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """WeChat as this programme's app would meet it; who is there may be changed."""
    settings.WEIXIN_APP_ID, settings.WEIXIN_APP_SECRET = "wx-app", "wx-secret"
    settings.SOCIALACCOUNT_PROVIDERS = {
        "weixin": {
            **settings.SOCIALACCOUNT_PROVIDERS["weixin"],
            "APPS": [{"client_id": "wx-app", "secret": "wx-secret", "key": ""}],
        }
    }
    person = {"openid": "o-anna", "nickname": "anna", "city": "Shanghai", "headimgurl": "https://x"}

    def answer(session: Any, method: str, url: str, **asked: Any) -> Answer:
        if "access_token" in url:
            if asked["data"]["code"] != "good":
                return Answer({"errcode": "40029", "errmsg": "invalid code"})
            return Answer({"access_token": "t", "openid": person["openid"]})
        return Answer(dict(person))

    monkeypatch.setattr(requests.Session, "request", answer)
    return person


def go(client: Client, path: str = "/wechat/", **fields: str) -> dict[str, list[str]]:
    """Set out for WeChat; gives what it is asked."""
    response = client.post(path, fields)
    assert response.status_code == HTTPStatus.FOUND
    target = urlsplit(response["Location"])
    assert (target.netloc, target.path) == ("open.weixin.qq.com", "/connect/qrconnect")
    return parse_qs(target.query)


def come_back(client: Client, asked: dict[str, list[str]], code: str = "good") -> Any:
    return client.get("/wechat/callback/", {"code": code, "state": asked["state"][0]})


def test_is_hidden_where_it_is_not_configured(client: Client) -> None:
    assert "WeChat" not in client.get("/login/").content.decode()
    assert client.post("/wechat/").status_code == HTTPStatus.NOT_FOUND
    assert client.get("/wechat/callback/?code=good").status_code == HTTPStatus.NOT_FOUND
    member = member_with_login(phone=PHONE)
    client.post("/login/", {"login": PHONE, "password": PASSWORD})
    assert "WeChat" not in client.get("/account/").content.decode()
    assert client.post("/account/wechat/?process=connect").status_code == HTTPStatus.NOT_FOUND
    assert signed_in(client) == member.user_id


def test_asks_wechat_for_this_programme(client: Client, wechat: dict[str, str]) -> None:
    assert "Sign in with WeChat" in client.get("/login/").content.decode()
    asked = go(client)
    assert (asked["appid"], asked["scope"]) == (["wx-app"], ["snsapi_login"])
    assert asked["redirect_uri"] == ["http://testserver/wechat/callback/"]
    assert client.get("/wechat/").status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_who_comes_first_proves_a_contact_and_is_known_afterwards(
    client: Client, wechat: dict[str, str], capsys: Capsys
) -> None:
    member = member_with_login(phone=PHONE)
    response = come_back(client, go(client))
    assert response["Location"] == "/join/"
    assert "Tell us once how we reach you" in client.get("/join/").content.decode()
    assert not SocialAccount.objects.exists()
    ask(client, "/join/", PHONE)
    [(_to, code)] = texted(capsys)
    type_in(client, code)
    assert signed_in(client) == member.user_id
    account = SocialAccount.objects.get()
    assert (account.user_id, account.uid) == (member.user_id, "o-anna")
    assert account.extra_data == {"nickname": "anna"}
    again = Client()
    assert come_back(again, go(again, next="/points/"))["Location"] == "/points/"
    assert signed_in(again) == member.user_id


def test_a_closed_membership_is_not_signed_in(client: Client, wechat: dict[str, str]) -> None:
    member = member_with_login(phone=PHONE)
    SocialAccount.objects.create(user=login_of(member), provider="weixin", uid="o-anna")
    Member.objects.update(status=Member.Status.CLOSED)
    assert come_back(client, go(client))["Location"] == "/login/"
    assert signed_in(client) is None


def test_is_tied_and_untied_by_who_is_signed_in(client: Client, wechat: dict[str, str]) -> None:
    member = member_with_login(phone=PHONE)
    client.post("/login/", {"login": PHONE, "password": PASSWORD})
    asked = go(client, "/account/wechat/?process=connect")
    assert come_back(client, asked)["Location"] == "/account/"
    assert SocialAccount.objects.get().user_id == member.user_id
    page = client.get("/account/").content.decode()
    assert "WeChat signs you in from now on." in page
    assert "anna" in page
    client.post("/account/wechat/forget/")
    assert not SocialAccount.objects.exists()


def test_anothers_account_is_not_tied(client: Client, wechat: dict[str, str]) -> None:
    other = member_with_login()
    SocialAccount.objects.create(user=login_of(other), provider="weixin", uid="o-anna")
    member_with_login(phone=PHONE)
    client.post("/login/", {"login": PHONE, "password": PASSWORD})
    come_back(client, go(client, "/account/wechat/?process=connect"))
    assert "belongs to another member" in client.get("/account/").content.decode()
    assert SocialAccount.objects.get().user_id == other.user_id


def test_tying_asks_first_who_it_is(client: Client, wechat: dict[str, str]) -> None:
    client.force_login(login_of(member_with_login(phone=PHONE)))
    response = client.post("/account/wechat/?process=connect")
    assert response["Location"].startswith("/account/confirm/?next=")


def test_what_wechat_refuses_is_told(client: Client, wechat: dict[str, str]) -> None:
    member_with_login(phone=PHONE)
    answers: list[Callable[[], Any]] = [
        lambda: come_back(client, go(client), code="bad"),
        lambda: client.get("/wechat/callback/?code=good&state=planted"),
        lambda: client.get("/wechat/callback/"),
    ]
    for answer in answers:
        assert answer()["Location"] == "/login/"
        assert "WeChat did not sign you in." in client.get("/login/").content.decode()
    assert signed_in(client) is None


def test_never_leaves_the_site(client: Client, wechat: dict[str, str]) -> None:
    member = member_with_login(phone=PHONE)
    SocialAccount.objects.create(user=login_of(member), provider="weixin", uid="o-anna")
    assert come_back(client, go(client, next="https://evil.example/"))["Location"] == "/"
