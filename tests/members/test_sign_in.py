"""Signing in and out, over HTTP."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.contrib.auth.hashers import identify_hasher, make_password
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django import Settings

from common import clock
from config.settings import base
from members import services
from members.adapters import NO_MATCH, TOO_MANY
from members.errors import LoginExists, LoginImpossible, MemberClosed
from members.models import Member, User
from tests.factories import PASSWORD, MemberFactory, OperatorFactory, login_of, member_with_login

pytestmark = pytest.mark.django_db

WRONG = "not the password"


def sign_in(client: Client, login: str, password: str = PASSWORD) -> Any:
    return client.post("/login/", {"login": login, "password": password})


def signed_in(client: Client) -> int | None:
    user_id = client.session.get("_auth_user_id")
    return int(user_id) if user_id else None


@pytest.fixture
def anna() -> Member:
    return member_with_login(phone="+8613800138000", email="anna@example.com")


@pytest.mark.parametrize(
    "login",
    [
        "13800138000",
        "+8613800138000",
        "138 0013 8000",
        "0086 138-0013-8000",
        "１３８００１３８０００",
        "anna@example.com",
        " Anna@Example.COM ",
    ],
)
def test_member_signs_in_with(client: Client, anna: Member, login: str) -> None:
    response = sign_in(client, login)
    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, "/")
    assert signed_in(client) == anna.user_id


def test_number_from_abroad_needs_its_country_code(client: Client) -> None:
    member = member_with_login(phone="+447911123456")
    assert sign_in(client, "07911 123456").status_code == HTTPStatus.OK
    assert sign_in(client, "+44 7911 123456").status_code == HTTPStatus.FOUND
    assert signed_in(client) == member.user_id


@pytest.mark.parametrize("login", ["berta", "BERTA", "berta@shop.example", "Berta@Shop.Example"])
def test_operator_signs_in_with(client: Client, login: str) -> None:
    operator = OperatorFactory.create(username="berta", email="berta@shop.example")
    response = sign_in(client, login)
    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, "/admin/")
    assert signed_in(client) == operator.pk


def test_user_name_may_look_like_a_phone_number(client: Client) -> None:
    operator = OperatorFactory.create(username="13900139000")
    sign_in(client, "13900139000")
    assert signed_in(client) == operator.pk


def test_operator_who_is_a_member_goes_home(client: Client) -> None:
    operator = OperatorFactory.create()
    MemberFactory.create(user=operator)
    assert sign_in(client, operator.username)["Location"] == "/"


def test_member_comes_before_operator_with_the_same_address(client: Client, anna: Member) -> None:
    OperatorFactory.create(username="boss", email="anna@example.com")
    sign_in(client, "anna@example.com")
    assert signed_in(client) == anna.user_id


def test_old_number_opens_nothing(client: Client, anna: Member) -> None:
    Member.objects.filter(pk=anna.pk).update(phone="+8613900139000")
    assert sign_in(client, "13800138000").status_code == HTTPStatus.OK
    assert signed_in(client) is None
    sign_in(client, "13900139000")
    assert signed_in(client) == anna.user_id


def refusals(response: Any) -> list[str]:
    assert response.status_code == HTTPStatus.OK
    return list(response.context["form"].non_field_errors())


def test_says_the_same_to_everyone_who_may_not_in(client: Client, anna: Member) -> None:
    member_with_login(phone="+8613700137000", status=Member.Status.ACTIVE)
    Member.objects.filter(phone="+8613700137000").update(status=Member.Status.CLOSED)
    OperatorFactory.create(username="carla", is_active=False)
    MemberFactory.create(phone="+8613600136000")
    assert refusals(sign_in(client, "13800138000", WRONG)) == [str(NO_MATCH)]
    assert refusals(sign_in(client, "anna@example.com", WRONG)) == [str(NO_MATCH)]
    assert refusals(sign_in(client, "13500135000")) == [str(NO_MATCH)]
    assert refusals(sign_in(client, "nobody")) == [str(NO_MATCH)]
    assert refusals(sign_in(client, "nobody@example.com")) == [str(NO_MATCH)]
    assert refusals(sign_in(client, "13700137000")) == [str(NO_MATCH)]
    assert refusals(sign_in(client, "carla")) == [str(NO_MATCH)]
    assert refusals(sign_in(client, "13600136000")) == [str(NO_MATCH)]
    assert signed_in(client) is None


@pytest.mark.parametrize(
    ("form", "missing"),
    [
        ({}, ["login", "password"]),
        ({"login": "", "password": ""}, ["login", "password"]),
        ({"login": "  ", "password": PASSWORD}, ["login"]),
        ({"login": "13800138000"}, ["password"]),
        ({"login": "anna\x00", "password": "x"}, ["login"]),
        ({"login": "1" * 255, "password": "x"}, ["login"]),
    ],
)
def test_incomplete_form_is_shown_again(
    client: Client, anna: Member, form: dict[str, str], missing: list[str]
) -> None:
    response = client.post("/login/", form)
    assert response.status_code == HTTPStatus.OK
    assert list(response.context["form"].errors) == missing
    assert AccessAttempt.objects.count() == 0


def test_page_has_one_field_for_the_login(client: Client) -> None:
    page = client.get("/login/").content.decode()
    assert "Phone number, e-mail or user name" in page
    assert page.count('name="login"') == 1
    assert page.count('name="password"') == 1
    assert page.count("Forgot your password?") == 1


def test_locks_after_eight_wrong_passwords_whatever_the_spelling(
    client: Client, anna: Member
) -> None:
    spellings = ["13800138000", "+8613800138000", "anna@example.com", "ANNA@example.com"] * 2
    for spelling in spellings[:7]:
        assert sign_in(client, spelling, WRONG).status_code == HTTPStatus.OK
    eighth = sign_in(client, spellings[7], WRONG)
    assert eighth.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "account/lockout.html" in [template.name for template in eighth.templates]
    assert "paused for 15 minutes" in eighth.content.decode()
    assert eighth["Retry-After"] == "900"
    assert sign_in(client, "13800138000").status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert signed_in(client) is None


def test_lock_holds_for_one_login_from_one_address(client: Client, anna: Member) -> None:
    other = member_with_login(phone="+8613700137000")
    for _ in range(8):
        sign_in(client, "13800138000", WRONG)
    sign_in(client, "13700137000")
    assert signed_in(client) == other.user_id
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    sign_in(elsewhere, "13800138000")
    assert signed_in(elsewhere) == anna.user_id


def test_lock_opens_after_a_quarter_of_an_hour_however_often_one_knocks(
    client: Client, anna: Member
) -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False) as machine:
        for _ in range(8):
            sign_in(client, "13800138000", WRONG)
        machine.move_to(start + timedelta(minutes=14, seconds=59))
        assert sign_in(client, "13800138000").status_code == HTTPStatus.TOO_MANY_REQUESTS
        machine.move_to(start + timedelta(minutes=15, seconds=1))
        assert sign_in(client, "13800138000").status_code == HTTPStatus.FOUND


def test_success_forgets_the_failures(client: Client, anna: Member) -> None:
    for _ in range(7):
        sign_in(client, "13800138000", WRONG)
    assert AccessAttempt.objects.get().failures_since_start == 7
    sign_in(client, "anna@example.com")
    assert AccessAttempt.objects.count() == 0


def test_unknown_login_is_locked_like_a_known_one(client: Client) -> None:
    for _ in range(7):
        assert sign_in(client, "13500135000").status_code == HTTPStatus.OK
    assert sign_in(client, "+8613500135000").status_code == HTTPStatus.TOO_MANY_REQUESTS


@time_machine.travel("2025-06-02T04:00:30+00:00", tick=False)
def test_one_address_tries_thirty_logins_a_minute_at_most(client: Client, anna: Member) -> None:
    for number in range(30):
        assert refusals(sign_in(client, f"nobody{number}")) == [str(NO_MATCH)]
        # A right password is none of them.
        if number == 15:
            assert sign_in(Client(), "13800138000").status_code == HTTPStatus.FOUND
    assert refusals(sign_in(client, "nobody30")) == [str(TOO_MANY)]
    assert refusals(sign_in(client, "13800138000")) == [str(TOO_MANY)]
    with time_machine.travel("2025-06-02T04:01:00+00:00", tick=False):
        assert sign_in(client, "13800138000").status_code == HTTPStatus.FOUND


@time_machine.travel("2025-06-02T04:00:00+00:00", tick=False)
def test_eight_passwords_are_counted_where_axes_counts_none(
    client: Client, anna: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Like a burst, all of which axes has read before any of them is written.
    monkeypatch.setattr(AxesDatabaseHandler, "get_failures", lambda *_, **__: 0)
    for _ in range(8):
        sign_in(client, "13800138000", WRONG)
    ninth = sign_in(client, "anna@example.com")
    assert ninth.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "paused for 15 minutes" in ninth.content.decode()
    assert signed_in(client) is None


def test_attempts_keep_neither_phone_number_nor_password(client: Client, anna: Member) -> None:
    sign_in(client, "13800138000", WRONG)
    attempt = AccessAttempt.objects.get()
    kept = f"{attempt.username} {attempt.post_data} {attempt.get_data}"
    assert attempt.username == login_of(anna).username
    assert "1380013" not in kept
    assert WRONG not in kept


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/points/", "/points/"),
        ("http://testserver/points/", "http://testserver/points/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_next_page_stays_on_the_site(
    client: Client, anna: Member, target: str, goes_to: str
) -> None:
    form = {"login": "13800138000", "password": PASSWORD, "next": target}
    assert client.post("/login/", form)["Location"] == goes_to


def test_comes_back_to_the_page_that_asked(client: Client, anna: Member) -> None:
    response = client.get("/points/")
    assert response["Location"] == "/login/?next=/points/"
    page = client.get(response["Location"]).content.decode()
    assert '<input type="hidden" name="next" value="/points/">' in page


def test_who_is_signed_in_does_not_sign_in_again(client: Client, anna: Member) -> None:
    client.force_login(login_of(anna))
    assert client.get("/login/")["Location"] == "/"


def test_closing_a_membership_ends_its_sessions(client: Client, anna: Member) -> None:
    sign_in(client, "13800138000")
    Member.objects.filter(pk=anna.pk).update(status=Member.Status.PAUSED)
    assert client.get("/logout/").status_code == HTTPStatus.OK
    Member.objects.filter(pk=anna.pk).update(status=Member.Status.CLOSED)
    assert client.get("/points/")["Location"] == "/login/?next=/points/"


def test_signs_out_on_the_button_not_on_a_link(client: Client, anna: Member) -> None:
    client.force_login(login_of(anna))
    assert "Sign out?" in client.get("/logout/").content.decode()
    assert signed_in(client) == anna.user_id
    response = client.post("/logout/", follow=True)
    assert response.redirect_chain == [("/login/", HTTPStatus.FOUND)]
    assert "You are signed out." in response.content.decode()
    assert signed_in(client) is None


def test_admin_sits_behind_the_same_sign_in(client: Client, anna: Member) -> None:
    asked = client.get("/admin/", follow=True)
    assert asked.redirect_chain[-1][0] == "/login/?next=%2Fadmin%2F"
    client.force_login(login_of(anna))
    assert client.get("/admin/", follow=True).status_code == HTTPStatus.FORBIDDEN
    client.force_login(OperatorFactory.create())
    assert client.get("/admin/").status_code == HTTPStatus.OK


def test_operator_in_the_portal_is_shown_the_way(client: Client) -> None:
    client.force_login(OperatorFactory.create())
    response = client.get("/")
    assert response.status_code == HTTPStatus.FORBIDDEN
    page = response.content.decode()
    assert "You are signed in as an operator." in page
    assert 'href="/admin/"' in page


def test_login_without_membership_is_told_so(client: Client) -> None:
    client.force_login(User.objects.create_user("dora"))
    response = client.get("/points/")
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert "connect your login with your membership" in response.content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_inactive",
        "account_set_password",
        "account_request_login_code",
        "account_verify_phone",
        "mfa_trust",
        "socialaccount_signup",
        "socialaccount_connections",
        "usersessions_list",
    ],
)
def test_nothing_else_of_allauth_is_routed(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_passwords_are_kept_as_argon2(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS
    kept = make_password(PASSWORD)
    assert identify_hasher(kept).algorithm == "argon2"
    member = member_with_login()
    assert member.user is not None
    assert member.user.password.startswith("argon2$argon2id$")
    assert member.user.check_password(PASSWORD)


def test_gives_one_login_to_an_open_membership_that_can_be_reached(anna: Member) -> None:
    closed = MemberFactory.create(status=Member.Status.CLOSED)
    unreachable = MemberFactory.create(phone=None, email=None)
    for member, refusal in [
        (anna, LoginExists),
        (closed, MemberClosed),
        (unreachable, LoginImpossible),
    ]:
        with pytest.raises(refusal):
            services.give_login(member=member, password=PASSWORD)
    assert User.objects.count() == 1
    assert login_of(anna).username[:2] == "m-"
