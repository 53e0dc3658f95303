"""Switching the language, without a script."""

from http import HTTPStatus
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from members.models import Member
from tests.factories import PASSWORD, OperatorFactory, login_of, member_with_login

pytestmark = pytest.mark.django_db

COOKIE = settings.LANGUAGE_COOKIE_NAME


def switch(client: Client, language: str, to: str = "/points/") -> Any:
    return client.post("/language/", {"language": language, "next": to})


def test_visitor_gets_a_cookie_and_goes_back(client: Client) -> None:
    response = switch(client, "zh-hans")
    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, "/points/")
    assert client.cookies[COOKIE].value == "zh-hans"
    assert client.cookies[COOKIE]["max-age"] == 365 * 24 * 3600
    assert '<html lang="zh-hans"' in client.get("/login/").content.decode()


def test_member_is_remembered(client: Client) -> None:
    member = member_with_login()
    client.force_login(login_of(member))
    switch(client, "zh-hans")
    member.refresh_from_db()
    assert member.language == "zh-hans"
    switch(client, "en")
    member.refresh_from_db()
    assert member.language == "en"


def test_operator_has_the_cookie_only(client: Client) -> None:
    client.force_login(OperatorFactory.create())
    assert switch(client, "zh-hans").status_code == HTTPStatus.FOUND
    assert client.cookies[COOKIE].value == "zh-hans"


@pytest.mark.parametrize("language", ["fr", "", "zh", "../../etc", "EN"])
def test_language_that_is_not_spoken_here_changes_nothing(client: Client, language: str) -> None:
    member = member_with_login(language="en")
    client.force_login(login_of(member))
    assert switch(client, language).status_code == HTTPStatus.FOUND
    member.refresh_from_db()
    assert member.language == "en"


def test_goes_nowhere_else(client: Client) -> None:
    assert switch(client, "en", to="https://evil.example/")["Location"] == "/"


def test_link_switches_nothing(client: Client) -> None:
    assert client.get("/language/?language=zh-hans").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert COOKIE not in client.cookies


def test_members_language_awaits_them_on_another_device(client: Client) -> None:
    member_with_login(phone="+8613800138000", language="zh-hans")
    client.post("/login/", {"login": "13800138000", "password": PASSWORD})
    assert client.cookies[COOKIE].value == "zh-hans"


def test_choice_on_this_device_wins_over_the_remembered_one(client: Client) -> None:
    member_with_login(phone="+8613800138000", language="zh-hans")
    switch(client, "en")
    client.post("/login/", {"login": "13800138000", "password": PASSWORD})
    assert client.cookies[COOKIE].value == "en"
    assert Member.objects.get().language == "zh-hans"
