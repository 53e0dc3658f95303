"""The second step: set up, asked for, counted, and required of operators where it is set so."""

import base64
import time
from http import HTTPStatus
from io import StringIO
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from members.models import Member, Notice, User
from tests.factories import PASSWORD, OperatorFactory, login_of, member_with_login

from .codes import Capsys, ask, signed_in, texted, type_in

pytestmark = pytest.mark.django_db

PHONE = "+8613800138000"
NOON = "2025-06-02T04:00:00+00:00"
SET_UP = "/account/second-step/on/"


@pytest.fixture
def anna() -> Member:
    return member_with_login(phone=PHONE)


@pytest.fixture
def traveller() -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def shown(secret: str) -> str:
    """What the authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def password(client: Client, login: str = PHONE, **fields: str) -> Any:
    return client.post("/login/", {"login": login, "password": PASSWORD, **fields})


def set_up(client: Client) -> str:
    """Switch the second step on and give its secret."""
    secret: str = client.get(SET_UP).context["form"].secret
    response = client.post(SET_UP, {"code": shown(secret)})
    assert response["Location"] == "/account/recovery-codes/"
    return secret


def test_is_drawn_by_a_picture_that_the_policy_allows(client: Client, anna: Member) -> None:
    password(client)
    response = client.get(SET_UP)
    uri = response.context["totp_svg_data_uri"]
    picture = base64.b64decode(uri.removeprefix("data:image/svg+xml;base64,")).decode()
    assert picture.startswith("<?xml")
    assert "<svg" in picture
    assert f'src="{uri}"' in response.content.decode()
    url = response.context["totp_url"]
    assert url.startswith("otpauth://totp/%2B8613800138000?secret=")
    assert url.endswith("&issuer=Regulars")


def test_is_asked_for_from_then_on(client: Client, anna: Member, traveller: Any) -> None:
    password(client)
    secret = set_up(client)
    other = Client()
    response = password(other, next="/points/")
    assert response["Location"] == "/login/second-step/"
    assert signed_in(other) is None
    assert other.get("/account/").status_code == HTTPStatus.FOUND
    traveller.shift(60)
    assert other.post("/login/second-step/", {"code": shown(secret)})["Location"] == "/points/"
    assert signed_in(other) == anna.user_id


def test_a_code_sent_to_the_phone_is_the_first_step_only(
    client: Client, anna: Member, traveller: Any, capsys: Capsys
) -> None:
    password(client)
    secret = set_up(client)
    other = Client()
    ask(other, "/login/code/", PHONE)
    [(_to, code)] = texted(capsys)
    assert type_in(other, code)["Location"] == "/login/second-step/"
    assert signed_in(other) is None
    traveller.shift(60)
    other.post("/login/second-step/", {"code": shown(secret)})
    assert signed_in(other) == anna.user_id


def test_a_new_password_is_the_first_step_only(
    client: Client, anna: Member, traveller: Any, capsys: Capsys
) -> None:
    password(client)
    set_up(client)
    other = Client()
    ask(other, "/password/forgot/", PHONE)
    [(_to, code)] = texted(capsys)
    type_in(other, code)
    response = other.post("/password/new/", {"password": "a louder harbour"})
    assert response["Location"] == "/login/second-step/"
    assert signed_in(other) is None


def test_other_devices_are_signed_out_by_setting_it_up(client: Client, anna: Member) -> None:
    other = Client()
    password(other)
    password(client)
    set_up(client)
    assert other.get("/account/").status_code == HTTPStatus.FOUND
    assert client.get("/account/").status_code == HTTPStatus.OK
    assert Notice.objects.get().params == {"is_on": True}


def test_each_recovery_code_works_once(client: Client, anna: Member) -> None:
    password(client)
    set_up(client)
    codes = client.get("/account/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    file = client.get("/account/recovery-codes/file/")
    assert file.content.decode().split() == codes
    other, again = Client(), Client()
    password(other)
    other.post("/login/second-step/", {"code": codes[0]})
    assert signed_in(other) == anna.user_id
    password(again)
    again.post("/login/second-step/", {"code": codes[0]})
    assert signed_in(again) is None
    assert len(client.get("/account/recovery-codes/").context["unused_codes"]) == 9
    client.post("/account/recovery-codes/new/")
    fresh = client.get("/account/recovery-codes/").context["unused_codes"]
    assert len(set(fresh) - set(codes)) == 10


def test_leads_back_to_the_beginning(client: Client, anna: Member) -> None:
    password(client)
    set_up(client)
    other = Client()
    password(other)
    assert other.get("/login/")["Location"] == "/login/second-step/"
    assert 'href="/login/?anew"' in other.get("/login/second-step/").content.decode()
    assert other.get("/login/?anew").status_code == HTTPStatus.OK
    assert other.get("/login/second-step/")["Location"] == "/login/"


@pytest.mark.parametrize("form", [{}, {"code": ""}, {"code": "  "}])
def test_an_empty_form_is_shown_again(client: Client, anna: Member, form: dict[str, str]) -> None:
    password(client)
    set_up(client)
    other = Client()
    password(other)
    response = other.post("/login/second-step/", form)
    assert response.status_code == HTTPStatus.OK
    assert list(response.context["form"].errors) == ["code"]


def test_bears_eight_wrong_codes_whoever_types_them(
    client: Client, anna: Member, traveller: Any
) -> None:
    password(client)
    secret = set_up(client)
    traveller.shift(60)
    for _ in range(8):
        other = Client()
        password(other)
        response = other.post("/login/second-step/", {"code": "000000"})
        assert response.context["form"].errors["code"] == [
            "This is not the code. Please check the six digits."
        ]
    response = other.post("/login/second-step/", {"code": shown(secret)})
    assert response.context["form"].errors["code"] == [
        "Too many attempts. Please wait a few minutes, then try again."
    ]
    assert signed_in(other) is None
    traveller.move_to("2025-06-02T04:15:00+00:00")
    other = Client()
    password(other)
    other.post("/login/second-step/", {"code": shown(secret)})
    assert signed_in(other) == anna.user_id


def test_the_secret_is_kept_encrypted(
    client: Client, anna: Member, traveller: Any, settings: Settings
) -> None:
    password(client)
    secret = set_up(client)
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept
    # A changed secret of the site reads what the one before it wrote.
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-only-for-this-test"
    other = Client()
    password(other)
    traveller.shift(60)
    other.post("/login/second-step/", {"code": shown(secret)})
    assert signed_in(other) == anna.user_id


def test_is_switched_off_by_who_has_it(client: Client, anna: Member) -> None:
    password(client)
    set_up(client)
    assert "on: signing in asks" in client.get("/account/").content.decode()
    client.post("/account/second-step/off/")
    assert not Authenticator.objects.exists()
    assert password(Client())["Location"] == "/"


@pytest.mark.parametrize(
    "path",
    [
        SET_UP,
        "/account/second-step/off/",
        "/account/recovery-codes/",
        "/account/recovery-codes/new/",
        "/account/recovery-codes/file/",
    ],
)
def test_asks_first_who_it_is(client: Client, anna: Member, path: str) -> None:
    password(client)
    set_up(client)
    old = Client()
    old.force_login(login_of(anna))
    for response in (old.get(path), old.post(path, {"code": "123456"})):
        assert response.status_code == HTTPStatus.FOUND
        assert response["Location"].startswith("/account/confirm/?next=%2Faccount%2F")
    assert Authenticator.objects.count() == 2


# --- Operators ------------------------------------------------------------------------------------


@pytest.fixture
def required(settings: Settings) -> None:
    settings.OPERATOR_SECOND_STEP = True


@pytest.fixture
def boss() -> User:
    return OperatorFactory.create(username="boss")


def test_operators_set_it_up_before_they_see_anything(
    client: Client, boss: User, required: None
) -> None:
    assert password(client, "boss")["Location"] == "/admin/"
    for path in ("/admin/", "/admin/members/member/", "/admin/login/"):
        assert client.get(path)["Location"] == SET_UP
    set_up(client)
    assert client.get("/account/second-step/")["Location"] == "/admin/"
    assert client.get("/admin/").status_code == HTTPStatus.OK


def test_operators_sign_in_with_it(
    client: Client, boss: User, required: None, traveller: Any
) -> None:
    password(client, "boss")
    secret = set_up(client)
    other = Client()
    assert password(other, "boss")["Location"] == "/login/second-step/"
    assert other.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    traveller.shift(60)
    other.post("/login/second-step/", {"code": shown(secret)})
    assert other.get("/admin/").status_code == HTTPStatus.OK


def test_a_session_without_it_is_asked_for_it(
    client: Client, boss: User, required: None, traveller: Any
) -> None:
    password(client, "boss")
    secret = set_up(client)
    old = Client()
    old.force_login(boss)
    page = "/account/confirm/second-step/?next=%2Fadmin%2Fmembers%2Fmember%2F"
    assert old.get("/admin/members/member/")["Location"] == page
    traveller.shift(60)
    form = {"code": shown(secret), "next": "/admin/members/member/"}
    assert old.post("/account/confirm/second-step/", form)["Location"] == "/admin/members/member/"
    assert old.get("/admin/members/member/").status_code == HTTPStatus.OK


def test_operators_keep_it(client: Client, boss: User, required: None) -> None:
    password(client, "boss")
    set_up(client)
    response = client.post("/account/second-step/off/")
    assert "Operators sign in with a second step here." in response.content.decode()
    assert Authenticator.objects.filter(type="totp").exists()


def test_members_may_go_without(client: Client, anna: Member, required: None) -> None:
    assert password(client)["Location"] == "/"
    assert client.get("/account/").status_code == HTTPStatus.OK
    assert client.get("/admin/", follow=True).status_code == HTTPStatus.FORBIDDEN


def test_signing_out_needs_none(client: Client, boss: User, required: None) -> None:
    client.force_login(boss)
    client.post("/admin/logout/")
    assert signed_in(client) is None


def test_operators_may_go_without_where_it_is_not_required(client: Client, boss: User) -> None:
    password(client, "boss")
    assert client.get("/admin/").status_code == HTTPStatus.OK


# --- Who has lost it ------------------------------------------------------------------------------


def test_an_administrator_takes_it_off(client: Client, anna: Member) -> None:
    password(client)
    set_up(client)
    desk = Client()
    desk.force_login(OperatorFactory.create())
    path = f"/admin/members/user/{anna.user_id}/take-second-step"
    assert desk.get(path, follow=True).status_code == HTTPStatus.OK
    desk.post(f"{path}/", {"key": "k"})
    assert not Authenticator.objects.exists()
    assert password(Client())["Location"] == "/"
    assert Notice.objects.latest("pk").params == {"is_on": False}


def test_a_clerk_cannot(client: Client, anna: Member) -> None:
    password(client)
    set_up(client)
    desk = Client()
    desk.force_login(OperatorFactory.create(is_superuser=False))
    response = desk.post(f"/admin/members/user/{anna.user_id}/take-second-step/", {"key": "k"})
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert Authenticator.objects.count() == 2


def test_a_command_takes_it_off(client: Client, boss: User) -> None:
    password(client, "boss")
    set_up(client)
    out = StringIO()
    call_command("take_second_step_off", "BOSS", stdout=out)
    assert out.getvalue() == "boss signs in without a second step from now on.\n"
    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError, match="boss signs in without a second step"):
        call_command("take_second_step_off", "boss")
    with pytest.raises(CommandError, match="Nobody signs in as nobody"):
        call_command("take_second_step_off", "nobody")
