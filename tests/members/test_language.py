"""Switching the language, without a script."""

from http import HTTPStatus
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from members.models import Consent, Member
from members.services.consent_texts import current_texts
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


@pytest.mark.parametrize(
    "address", ["/", "/me/", "/account/", "/account/devices/", "/logout/", "/manifest.webmanifest"]
)
def test_account_comes_before_the_browser_on_every_page(client: Client, address: str) -> None:
    member = member_with_login(language="zh-hans")
    client.force_login(login_of(member), backend="members.adapters.LoginBackend")
    switched = client.get(address, headers={"accept-language": "en"}, follow=True)
    assert switched["Content-Language"] == "zh-hans"
    member.language = ""
    member.save(update_fields=["language"])
    assert client.get(address, headers={"accept-language": "en"})["Content-Language"] == "en"


def test_what_was_agreed_to_is_kept_in_the_language_that_was_read(client: Client) -> None:
    member = member_with_login(language="zh-hans")
    client.force_login(login_of(member), backend="members.adapters.LoginBackend")
    text = current_texts()["sms"]
    said = {"channel": "sms", "is_granted": "yes", "text": text.pk}
    client.post("/me/privacy/consent/", said, headers={"accept-language": "en"})
    assert Consent.objects.get().language == "zh-hans"


def test_files_that_are_the_same_for_everyone_ask_for_nobody(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(login_of(member_with_login(language="zh-hans")))
    with django_assert_num_queries(1):
        client.get("/tiers.css")
    with django_assert_num_queries(0):
        client.get("/service-worker.js")
        client.get("/offline/?language=en")


def test_choice_on_this_device_wins_over_the_remembered_one(client: Client) -> None:
    member_with_login(phone="+8613800138000", language="zh-hans")
    switch(client, "en")
    client.post("/login/", {"login": "13800138000", "password": PASSWORD})
    assert client.cookies[COOKIE].value == "en"
    assert Member.objects.get().language == "zh-hans"
