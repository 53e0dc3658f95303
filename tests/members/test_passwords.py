"""A new password by a code, another one by who is signed in."""

from http import HTTPStatus

import pytest
from django.test import Client

from members.models import Member, Notice
from tests.factories import PASSWORD, OperatorFactory, login_of, member_with_login

from .codes import Capsys, ask, mailed, signed_in, texted, type_in

pytestmark = pytest.mark.django_db

PHONE = "+8613800138000"
NEW = "a louder harbour"


@pytest.fixture
def anna() -> Member:
    return member_with_login(phone=PHONE, email="anna@example.com")


def sign_in(client: Client, login: str, password: str) -> int | None:
    client.post("/login/", {"login": login, "password": password})
    return signed_in(client)


def test_a_code_gives_a_new_password(client: Client, anna: Member, capsys: Capsys) -> None:
    ask(client, "/password/forgot/", PHONE, next="/points/")
    [(_to, code)] = texted(capsys)
    assert type_in(client, code)["Location"] == "/password/new/"
    assert signed_in(client) is None
    assert client.get("/password/new/").status_code == HTTPStatus.OK
    assert client.post("/password/new/", {"password": NEW})["Location"] == "/points/"
    assert signed_in(client) == anna.user_id
    assert sign_in(Client(), PHONE, PASSWORD) is None
    assert sign_in(Client(), PHONE, NEW) == anna.user_id
    assert Notice.objects.get().kind == "password_changed"


def test_a_new_password_ends_every_session(client: Client, anna: Member, capsys: Capsys) -> None:
    thief = Client()
    sign_in(thief, PHONE, PASSWORD)
    ask(client, "/password/forgot/", PHONE)
    [(_to, code)] = texted(capsys)
    type_in(client, code)
    client.post("/password/new/", {"password": NEW})
    assert thief.get("/account/")["Location"] == "/login/?next=/account/"


def test_an_operator_is_reached_by_mail(client: Client) -> None:
    operator = OperatorFactory.create(username="boss", email="boss@shop.example")
    ask(client, "/password/forgot/", "Boss@Shop.example")
    [(to, code)] = mailed()
    assert to == "boss@shop.example"
    type_in(client, code)
    assert client.post("/password/new/", {"password": NEW})["Location"] == "/admin/"
    assert sign_in(Client(), "boss", NEW) == operator.pk


def test_a_user_name_that_looks_like_an_address_is_reached_nowhere(client: Client) -> None:
    operator = OperatorFactory.create(username="anna@example.com", email="boss@shop.example")
    ask(client, "/password/forgot/", "anna@example.com")
    [(_to, code)] = mailed()
    # Whoever holds that address may join: the operator's login is another's.
    assert type_in(client, code)["Location"] == "/join/details/"
    assert client.post("/password/new/", {"password": NEW})["Location"] == "/password/forgot/"
    operator.refresh_from_db()
    assert operator.check_password(PASSWORD)


def test_the_member_comes_before_an_operator_with_the_same_address(
    client: Client, anna: Member
) -> None:
    boss = OperatorFactory.create(username="boss", email="anna@example.com")
    ask(client, "/password/forgot/", "anna@example.com")
    [(_to, code)] = mailed()
    type_in(client, code)
    client.post("/password/new/", {"password": NEW})
    assert signed_in(client) == anna.user_id
    boss.refresh_from_db()
    assert boss.check_password(PASSWORD)


@pytest.mark.parametrize("password", ["", "1234567", "password", "anna@example.com" * 10])
def test_a_weak_password_is_refused(
    client: Client, anna: Member, capsys: Capsys, password: str
) -> None:
    ask(client, "/password/forgot/", PHONE)
    [(_to, code)] = texted(capsys)
    type_in(client, code)
    response = client.post("/password/new/", {"password": password})
    assert list(response.context["form"].errors) == ["password"]
    assert login_of(anna).check_password(PASSWORD)


def test_a_proof_of_signing_in_gives_no_password(
    client: Client, anna: Member, capsys: Capsys
) -> None:
    assert client.get("/password/new/")["Location"] == "/password/forgot/"
    ask(client, "/password/forgot/", PHONE)
    assert client.post("/password/new/", {"password": NEW})["Location"] == "/password/forgot/"
    [(_to, code)] = texted(capsys)
    type_in(client, code)
    client.post("/password/new/", {"password": NEW})
    assert client.post("/password/new/", {"password": PASSWORD})["Location"] == "/password/forgot/"
    assert sign_in(Client(), PHONE, NEW) == anna.user_id


def test_a_closed_membership_gets_none(client: Client, anna: Member, capsys: Capsys) -> None:
    ask(client, "/password/forgot/", PHONE)
    [(_to, code)] = texted(capsys)
    type_in(client, code)
    Member.objects.update(status=Member.Status.CLOSED)
    response = client.post("/password/new/", {"password": NEW})
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert signed_in(client) is None


def test_who_is_signed_in_sets_another_one(client: Client, anna: Member) -> None:
    other = Client()
    sign_in(other, PHONE, PASSWORD)
    sign_in(client, PHONE, PASSWORD)
    assert client.post("/account/password/", {"password": NEW})["Location"] == "/account/"
    assert signed_in(client) == anna.user_id
    assert client.get("/account/").status_code == HTTPStatus.OK
    assert other.get("/account/").status_code == HTTPStatus.FOUND
    devices = client.get("/account/devices/").context["devices"]
    assert [device["is_this"] for device in devices] == [True]
    assert sign_in(Client(), PHONE, NEW) == anna.user_id


def test_who_joined_without_one_sets_one(client: Client, anna: Member, capsys: Capsys) -> None:
    user = login_of(anna)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    assert sign_in(Client(), PHONE, "!") is None
    ask(client, "/login/code/", PHONE)
    [(_to, code)] = texted(capsys)
    type_in(client, code)
    assert "none: you sign in by code" in client.get("/account/").content.decode()
    assert "Set a password" in client.get("/account/password/").content.decode()
    client.post("/account/password/", {"password": NEW})
    assert sign_in(Client(), PHONE, NEW) == anna.user_id


def test_setting_one_asks_first_who_it_is(client: Client, anna: Member) -> None:
    client.force_login(login_of(anna))
    response = client.post("/account/password/", {"password": NEW})
    assert response["Location"] == "/account/confirm/?next=%2Faccount%2Fpassword%2F"
    assert login_of(anna).check_password(PASSWORD)
