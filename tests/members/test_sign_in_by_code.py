"""Signing in with a code, over HTTP: who gets in, what nobody learns, and where it stops."""

import logging
import re
import smtplib
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client
from pytest_django import Settings

from members import rules
from members.models import AccessCounter, ContactCode, Member
from members.rules import parse_contact
from members.services.codes import forget_codes
from members.tasks import forget_codes as forget_codes_task
from tests.factories import MemberFactory, OperatorFactory, login_of, member_with_login

from .codes import Capsys, ask, mailed, sign_in_by_code, signed_in, texted, type_in, wrong

pytestmark = pytest.mark.django_db

PHONE = "+8613800138000"
NOON = datetime(2025, 6, 2, 4, 0, tzinfo=UTC)


class RefusingBackend(BaseEmailBackend):
    """A mail server that is not there."""

    def send_messages(self, email_messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")


@pytest.fixture
def anna() -> Member:
    return member_with_login(phone=PHONE, email="anna@example.com")


@pytest.fixture
def traveller() -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def errors(response: Any) -> list[str]:
    assert response.status_code == HTTPStatus.OK
    form = response.context["form"]
    return [str(error) for found in form.errors.values() for error in found]


@pytest.mark.parametrize("typed", ["13800138000", "+86 138 0013 8000", "１３８００１３８０００"])
def test_a_text_message_signs_in(client: Client, anna: Member, capsys: Capsys, typed: str) -> None:
    response = ask(client, "/login/code/", typed)
    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, "/code/")
    [(to, code)] = texted(capsys)
    assert to == PHONE
    response = type_in(client, code)
    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, "/")
    assert signed_in(client) == anna.user_id
    assert client.get("/account/").status_code == HTTPStatus.OK


def test_a_mail_signs_in(client: Client, anna: Member) -> None:
    ask(client, "/login/code/", " Anna@Example.COM ")
    [(to, code)] = mailed()
    assert to == "anna@example.com"
    type_in(client, code)
    assert signed_in(client) == anna.user_id


def test_the_mail_has_a_plain_twin_and_speaks_of_no_consent(client: Client, anna: Member) -> None:
    ask(client, "/login/code/", "anna@example.com")
    [message] = mail.outbox
    [(html, kind)] = message.alternatives  # type: ignore[attr-defined]
    assert kind == "text/html"
    for text in (message.body, str(html)):
        assert "is your code to sign in to Regulars" in text
        assert "It holds for 10 minutes. Give it to nobody" in text
        assert "you agreed to e-mail" not in text


def test_the_page_of_the_password_sends_codes_too(
    client: Client, anna: Member, capsys: Capsys
) -> None:
    page = client.get("/login/").content.decode()
    assert 'formaction="/login/code/"' in page
    client.post("/login/code/", {"login": PHONE, "password": "", "next": "/points/"})
    [(_to, code)] = texted(capsys)
    assert type_in(client, code)["Location"] == "/points/"


def test_grouped_and_wide_digits_are_the_same(client: Client, anna: Member, capsys: Capsys) -> None:
    ask(client, "/login/code/", PHONE)
    [(_to, code)] = texted(capsys)
    wide = code.translate({48 + number: 0xFF10 + number for number in range(10)})
    type_in(client, f" {wide[:3]} {wide[3:]}")
    assert signed_in(client) == anna.user_id


def test_the_field_is_made_for_phones(client: Client, anna: Member) -> None:
    ask(client, "/login/code/", PHONE)
    page = client.get("/code/").content.decode()
    field = re.search(r'<input[^>]*name="code"[^>]*>', page)
    assert field is not None
    assert 'autocomplete="one-time-code"' in field[0]
    assert 'inputmode="numeric"' in field[0]
    assert "+86 138 0013 8000" in page


def shown(phone: str) -> str:
    """+8613800138000 as pages write it."""
    return parse_contact(phone).shown


# --- What nobody learns ---------------------------------------------------------------------------


def journey(phone: str, path: str) -> list[tuple[int, str, str]]:
    """Everything that a visitor sees until the code is right, with the contact taken out."""
    client = Client()
    seen = [client.get(path), ask(client, path, phone), client.get("/code/")]
    seen += [type_in(client, "000000"), client.post("/code/again/"), client.get("/code/")]
    told = []
    for response in seen:
        page = response.content.decode().replace(shown(phone), "")
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
        told.append((response.status_code, response.get("Location", ""), page))
    return told


@pytest.mark.parametrize("path", ["/login/code/", "/join/", "/password/forgot/"])
def test_says_the_same_to_known_and_unknown(path: str, anna: Member, capsys: Capsys) -> None:
    closed = member_with_login(phone="+8613700137000")
    Member.objects.filter(pk=closed.pk).update(status=Member.Status.CLOSED)
    MemberFactory.create(phone="+8613600136000")
    expected = journey("+8613500135000", path)
    for known in (PHONE, "+8613700137000", "+8613600136000"):
        assert journey(known, path) == expected
    assert [to for to, _code in texted(capsys)] == [
        "+8613500135000",
        PHONE,
        "+8613700137000",
        "+8613600136000",
    ]


def test_what_is_logged_names_neither_code_nor_contact(
    client: Client, anna: Member, capsys: Capsys, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ask(client, "/login/code/", PHONE)
    [(_to, code)] = texted(capsys)
    type_in(client, wrong(code))
    type_in(client, code)
    assert code not in caplog.text
    assert "13800138000" not in caplog.text


def test_the_database_keeps_no_digits(client: Client, anna: Member, capsys: Capsys) -> None:
    ask(client, "/login/code/", PHONE)
    [(_to, code)] = texted(capsys)
    kept = ContactCode.objects.get()
    assert code not in f"{kept.digest} {client.session.items()}"
    assert len(kept.digest) == 64
    assert str(kept) == "signing in: +861••••8000"
    counters = list(AccessCounter.objects.values_list("guesser", flat=True))
    assert not any("138" in name and "8000" in name for name in counters)


# --- Who is not let in ----------------------------------------------------------------------------


def test_a_closed_membership_is_told_so_after_its_code(
    client: Client, anna: Member, capsys: Capsys
) -> None:
    Member.objects.filter(pk=anna.pk).update(status=Member.Status.CLOSED)
    response = sign_in_by_code(client, capsys, PHONE)
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert "This membership is closed." in response.content.decode()
    assert signed_in(client) is None


def test_a_login_that_is_off_is_told_so(client: Client, anna: Member, capsys: Capsys) -> None:
    login_of(anna).__class__.objects.update(is_active=False)
    response = sign_in_by_code(client, capsys, PHONE)
    assert "This login is switched off." in response.content.decode()
    assert signed_in(client) is None


def test_an_operators_address_signs_nobody_in(client: Client) -> None:
    OperatorFactory.create(username="boss", email="boss@shop.example")
    ask(client, "/login/code/", "boss@shop.example")
    [(_to, code)] = mailed()
    assert type_in(client, code)["Location"] == "/join/details/"
    assert signed_in(client) is None


@pytest.mark.parametrize("form", [{}, {"login": ""}, {"login": "  "}, {"login": "operator"}])
def test_an_empty_form_is_shown_again(client: Client, form: dict[str, str]) -> None:
    response = client.post("/login/code/", form)
    assert response.status_code == HTTPStatus.OK
    assert list(response.context["form"].errors) == ["login"]
    assert ContactCode.objects.count() == 0


@pytest.mark.parametrize("form", [{}, {"code": ""}, {"code": "  "}, {"code": "1" * 21}])
def test_an_empty_code_counts_for_nothing(
    client: Client, anna: Member, form: dict[str, str]
) -> None:
    ask(client, "/login/code/", PHONE)
    response = client.post("/code/", form)
    assert list(response.context["form"].errors) == ["code"]
    assert ContactCode.objects.get().tries == 0


@pytest.mark.parametrize("typed", ["12345", "1234567", "abcdef", "'; --", "\u0967" * 6])
def test_what_is_no_code_is_a_wrong_one(client: Client, anna: Member, typed: str) -> None:
    ask(client, "/login/code/", PHONE)
    assert errors(type_in(client, typed)) == ["This is not the code. Please check the six digits."]
    assert ContactCode.objects.get().tries == 1


def test_nobody_types_a_code_that_is_not_awaited(client: Client) -> None:
    assert client.get("/code/")["Location"] == "/login/"
    assert type_in(client, "123456")["Location"] == "/login/"
    assert client.post("/code/again/")["Location"] == "/login/"
    assert client.get("/code/again/").status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_a_code_holds_for_the_session_that_asked(
    client: Client, anna: Member, capsys: Capsys
) -> None:
    ask(client, "/login/code/", PHONE)
    [(_to, code)] = texted(capsys)
    thief = Client()
    assert type_in(thief, code)["Location"] == "/login/"
    assert signed_in(thief) is None


def test_the_session_gets_a_new_key(client: Client, anna: Member, capsys: Capsys) -> None:
    ask(client, "/login/code/", PHONE)
    planted = client.session.session_key
    [(_to, code)] = texted(capsys)
    type_in(client, code)
    assert client.session.session_key != planted
    watching = Client()
    watching.cookies["sessionid"] = planted
    assert watching.get("/account/")["Location"] == "/login/?next=/account/"


def test_what_a_code_proved_leaves_the_planted_session(client: Client, capsys: Capsys) -> None:
    ask(client, "/join/", PHONE)
    planted = client.session.session_key
    [(_to, code)] = texted(capsys)
    type_in(client, code)
    watching = Client()
    watching.cookies["sessionid"] = planted
    assert watching.get("/join/details/")["Location"] == "/join/"
    assert client.get("/join/details/").status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/points/", "/points/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_next_page_stays_on_the_site(
    client: Client, anna: Member, capsys: Capsys, target: str, goes_to: str
) -> None:
    ask(client, "/login/code/", PHONE, next=target)
    [(_to, code)] = texted(capsys)
    assert type_in(client, code)["Location"] == goes_to


# --- Where it stops -------------------------------------------------------------------------------


def test_a_code_works_once(client: Client, anna: Member, capsys: Capsys) -> None:
    ask(client, "/login/code/", PHONE)
    [(_to, code)] = texted(capsys)
    cookie = client.cookies["sessionid"].value
    type_in(client, code)
    again = Client()
    again.cookies["sessionid"] = cookie
    assert type_in(again, code)["Location"] == "/login/"
    assert signed_in(again) is None
    kept = ContactCode.objects.get()
    assert kept.verified_at is not None
    assert kept.used_at is not None


@pytest.mark.parametrize(("wrong_ones", "is_in"), [(4, True), (5, False), (6, False)])
def test_a_code_bears_five_tries(
    client: Client, anna: Member, capsys: Capsys, wrong_ones: int, is_in: bool
) -> None:
    ask(client, "/login/code/", PHONE)
    [(_to, code)] = texted(capsys)
    for number in range(wrong_ones):
        told = errors(type_in(client, wrong(code)))
        is_last = number >= rules.CODE_TRIES - 1
        assert told == [
            "The code was wrong too often. Please ask for a new one."
            if is_last
            else "This is not the code. Please check the six digits."
        ]
    type_in(client, code)
    assert (signed_in(client) is not None) == is_in
    assert ContactCode.objects.get().tries == 5


@pytest.mark.parametrize(("seconds", "is_in"), [(599, True), (600, False), (601, False)])
def test_a_code_holds_for_ten_minutes(
    client: Client, anna: Member, capsys: Capsys, traveller: Any, seconds: int, is_in: bool
) -> None:
    ask(client, "/login/code/", PHONE)
    [(_to, code)] = texted(capsys)
    traveller.move_to(NOON + timedelta(seconds=seconds))
    response = type_in(client, code)
    assert (signed_in(client) is not None) == is_in
    if not is_in:
        told = "This code is no longer valid. Please ask for a new one."
        assert errors(response) == [told]


@pytest.mark.parametrize(("seconds", "count"), [(0, 1), (59, 1), (60, 2), (61, 2)])
def test_the_next_code_waits_a_minute(
    client: Client, anna: Member, capsys: Capsys, traveller: Any, seconds: int, count: int
) -> None:
    ask(client, "/login/code/", PHONE)
    traveller.move_to(NOON + timedelta(seconds=seconds))
    client.post("/code/again/")
    assert len(texted(capsys)) == count
    # Another visitor's question for the same contact waits, too.
    response = ask(Client(), "/login/code/", PHONE)
    assert errors(response) == [
        "A code is on its way already. You can ask for another one a minute after it."
    ]


def test_asking_twice_leads_to_the_code_that_is_awaited(
    client: Client, anna: Member, capsys: Capsys
) -> None:
    ask(client, "/login/code/", PHONE)
    assert ask(client, "/login/code/", PHONE)["Location"] == "/code/"
    [(_to, code)] = texted(capsys)
    type_in(client, code)
    assert signed_in(client) == anna.user_id


def test_joining_takes_the_code_of_signing_in(client: Client, anna: Member, capsys: Capsys) -> None:
    ask(client, "/login/code/", PHONE)
    assert ask(client, "/join/", PHONE)["Location"] == "/code/"
    assert ask(client, "/password/forgot/", PHONE).status_code == HTTPStatus.OK
    assert len(texted(capsys)) == 1


def test_only_the_latest_code_of_a_session_works(
    client: Client, anna: Member, capsys: Capsys, traveller: Any
) -> None:
    ask(client, "/login/code/", PHONE)
    traveller.move_to(NOON + timedelta(seconds=60))
    client.post("/code/again/")
    [(_to, first), (_also, second)] = texted(capsys)
    if first != second:
        assert errors(type_in(client, first)) != []
    type_in(client, second)
    assert signed_in(client) == anna.user_id


def ask_each_minute(traveller: Any, phones: list[str]) -> list[Any]:
    """One question for each of these, a minute apart."""
    answers = []
    for number, phone in enumerate(phones):
        traveller.move_to(NOON + timedelta(minutes=number))
        answers.append(ask(Client(), "/login/code/", phone))
    return answers


def test_ten_codes_a_day_go_to_one_phone(anna: Member, capsys: Capsys, traveller: Any) -> None:
    *sent, eleventh = ask_each_minute(traveller, [PHONE] * 11)
    assert [answer.status_code for answer in sent] == [HTTPStatus.FOUND] * 10
    assert errors(eleventh) == ["No more codes can be sent there today. Please try again tomorrow."]
    assert len(texted(capsys)) == 10
    # Midnight in Shanghai is 16:00 UTC.
    traveller.move_to("2025-06-02T15:59:59+00:00")
    assert ask(Client(), "/login/code/", PHONE).status_code == HTTPStatus.OK
    traveller.move_to("2025-06-02T16:00:00+00:00")
    assert ask(Client(), "/login/code/", PHONE).status_code == HTTPStatus.FOUND


def test_one_address_asks_for_so_many_codes_a_day(
    capsys: Capsys, traveller: Any, settings: Settings
) -> None:
    settings.CODES_PER_ADDRESS = 3
    phones = [f"+86138001380{number:02}" for number in range(4)]
    *sent, fourth = ask_each_minute(traveller, phones)
    assert [answer.status_code for answer in sent] == [HTTPStatus.FOUND] * 3
    assert errors(fourth) == [
        "Too many codes were asked for from here today. Please try again tomorrow."
    ]
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert ask(elsewhere, "/login/code/", phones[3]).status_code == HTTPStatus.FOUND
    assert len(texted(capsys)) == 4


def test_what_is_refused_is_not_counted(capsys: Capsys, traveller: Any, settings: Settings) -> None:
    settings.CODES_PER_CONTACT = 2
    for _ in range(5):
        ask(Client(), "/login/code/", PHONE)
    traveller.move_to(NOON + timedelta(seconds=60))
    assert ask(Client(), "/login/code/", PHONE).status_code == HTTPStatus.FOUND
    assert sorted(AccessCounter.objects.values_list("tries", flat=True)) == [2, 2]


def test_a_code_that_was_not_sent_is_not_counted(
    client: Client, anna: Member, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    response = ask(client, "/login/code/", "anna@example.com")
    told = "We cannot send codes there at the moment. Please try it another way."
    assert errors(response) == [told]
    assert ContactCode.objects.count() == 0
    assert set(AccessCounter.objects.values_list("tries", flat=True)) == {0}
    told = [record.getMessage() for record in caplog.records if record.name.startswith("members")]
    assert told == ["A code could not be sent to a•••@example.com."]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert ask(client, "/login/code/", "anna@example.com").status_code == HTTPStatus.FOUND


def test_nothing_is_offered_that_nothing_carries(client: Client, settings: Settings) -> None:
    settings.NOTICE_CHANNELS = {"email": "members.channels.EmailChannel", "sms": "", "wechat": ""}
    assert "E-mail address" in client.get("/login/code/").content.decode()
    response = ask(client, "/login/code/", PHONE)
    told = "We cannot send codes there at the moment. Please try it another way."
    assert errors(response) == [told]
    settings.NOTICE_CHANNELS = {"email": "", "sms": "", "wechat": ""}
    assert "formaction" not in client.get("/login/").content.decode()
    assert "No codes can be sent here" in client.get("/join/").content.decode()


def test_old_codes_and_counters_are_forgotten(client: Client, anna: Member, traveller: Any) -> None:
    ask(client, "/login/code/", PHONE)
    client.post("/login/", {"login": PHONE, "password": "wrong"})
    assert (ContactCode.objects.count(), AccessCounter.objects.count()) == (1, 4)
    assert forget_codes(now=NOON + timedelta(days=2)) == 0
    traveller.move_to(NOON + timedelta(days=2, seconds=1))
    forget_codes_task()
    assert (ContactCode.objects.count(), AccessCounter.objects.count()) == (0, 0)
