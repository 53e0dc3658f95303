"""Another phone number, another e-mail address: only a code there makes it the member's."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from common.errors import DomainError
from members.errors import EmailTaken, MemberClosed, PhoneTaken, ProofExpired
from members.models import ContactCode, Member, Notice
from members.notices import told
from members.rules import parse_contact
from members.services.codes import issue_code, verify_code
from members.services.contacts import change_contact
from members.services.emails import follow_email
from tests.factories import PASSWORD, MemberFactory, OperatorFactory, login_of, member_with_login

from .codes import Capsys, ask, mailed, signed_in, texted, type_in, wrong

pytestmark = pytest.mark.django_db

PHONE = "+8613800138000"
OTHER = "+8613900139000"
NOON = datetime(2025, 6, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def anna() -> Member:
    return member_with_login(phone=PHONE, email="anna@example.com")


@pytest.fixture
def fresh(client: Client, anna: Member) -> Client:
    """Anna's browser, in which she has just typed her password."""
    client.post("/login/", {"login": PHONE, "password": PASSWORD})
    return client


def test_changes_the_phone_number(fresh: Client, anna: Member, capsys: Capsys) -> None:
    assert ask(fresh, "/account/phone/", "139 0013 9000")["Location"] == "/code/"
    [(to, code)] = texted(capsys)
    assert to == OTHER
    anna.refresh_from_db()
    assert str(anna.phone) == PHONE
    response = type_in(fresh, code)
    assert response["Location"] == "/account/"
    anna.refresh_from_db()
    assert str(anna.phone) == OTHER
    page = fresh.get("/account/").content.decode()
    assert "From now on we reach you there." in page
    assert "+86 139 0013 9000" in page


def test_tells_the_member_there_and_where_they_were(
    fresh: Client, anna: Member, capsys: Capsys
) -> None:
    ask(fresh, "/account/phone/", OTHER)
    [(_to, code)] = texted(capsys)
    type_in(fresh, code)
    out = capsys.readouterr().out
    assert f"[SMS → {PHONE}]\nYour contact at Regulars was changed" in out
    assert OTHER not in out
    notice = told(Notice.objects.get())
    assert notice.text.title == "Your phone number was changed"
    assert notice.text.body.startswith("It is +861••••9000 now.")


def test_changes_the_address_and_allauths_copy(fresh: Client, anna: Member) -> None:
    ask(fresh, "/account/email/", "Anna@Elsewhere.example")
    [(_to, code)] = mailed()
    type_in(fresh, code)
    anna.refresh_from_db()
    assert anna.email == "anna@elsewhere.example"
    assert EmailAddress.objects.get().email == "anna@elsewhere.example"
    assert mail.outbox[-1].to == ["anna@example.com"]


def test_gives_an_address_to_who_had_none(client: Client) -> None:
    member = member_with_login(phone=PHONE, email=None)
    assert not EmailAddress.objects.exists()
    client.post("/login/", {"login": PHONE, "password": PASSWORD})
    assert "not given" in client.get("/account/").content.decode()
    ask(client, "/account/email/", "anna@example.com")
    [(_to, code)] = mailed()
    type_in(client, code)
    assert EmailAddress.objects.get().user_id == member.user_id
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("path", ["/account/phone/", "/account/email/"])
def test_asks_first_who_it_is(client: Client, anna: Member, path: str, capsys: Capsys) -> None:
    client.force_login(login_of(anna))
    response = ask(client, path, OTHER)
    assert response["Location"] == f"/account/confirm/?next={path.replace('/', '%2F')}"
    assert ContactCode.objects.count() == 0
    client.post("/account/confirm/", {"password": PASSWORD, "next": path})
    assert client.get(path).status_code == HTTPStatus.OK


def test_who_it_is_holds_for_ten_minutes(client: Client, anna: Member) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        client.post("/login/", {"login": PHONE, "password": PASSWORD})
        traveller.move_to(NOON + timedelta(seconds=599))
        assert client.get("/account/phone/").status_code == HTTPStatus.OK
        traveller.move_to(NOON + timedelta(seconds=600))
        assert client.get("/account/phone/").status_code == HTTPStatus.FOUND


def test_a_code_says_who_it_is_without_a_password(
    client: Client, anna: Member, capsys: Capsys
) -> None:
    user = login_of(anna)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    client.force_login(user)
    response = client.get("/account/phone/")
    assert response["Location"] == "/account/confirm/code/?next=%2Faccount%2Fphone%2F"
    assert "+86 138 0013 8000" in client.get(response["Location"]).content.decode()
    form = {"channel": "sms", "next": "/account/phone/"}
    assert client.post("/account/confirm/code/", form)["Location"] == "/code/"
    [(to, code)] = texted(capsys)
    assert to == PHONE
    assert type_in(client, code)["Location"] == "/account/phone/"
    assert client.get("/account/phone/").status_code == HTTPStatus.OK


def test_a_code_to_the_address_says_it_too(client: Client, anna: Member) -> None:
    client.force_login(login_of(anna))
    client.post("/account/confirm/code/", {"channel": "email", "next": "https://evil.example/"})
    [(to, code)] = mailed()
    assert to == "anna@example.com"
    assert type_in(client, code)["Location"] == "/"


def test_a_wrong_password_says_nothing(client: Client, anna: Member) -> None:
    client.force_login(login_of(anna))
    form = {"password": "wrong", "next": "/account/phone/"}
    for _ in range(7):
        response = client.post("/account/confirm/", form)
        assert response.context["form"].errors == {"password": ["This is not your password."]}
    assert client.post("/account/confirm/", form).status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert client.get("/account/phone/").status_code == HTTPStatus.FOUND


@pytest.mark.parametrize(
    ("path", "typed", "said"),
    [
        ("/account/phone/", "", "This field is required."),
        ("/account/phone/", "anna@example.com", "We cannot send codes there at the moment."),
        ("/account/email/", OTHER, "We cannot send codes there at the moment."),
        ("/account/email/", "nothing", "Type your phone number or your e-mail address."),
    ],
)
def test_refuses_what_is_no_such_contact(fresh: Client, path: str, typed: str, said: str) -> None:
    response = ask(fresh, path, typed)
    assert str(response.context["form"].errors["login"][0]).startswith(said)
    assert ContactCode.objects.count() == 0


@pytest.mark.parametrize("has_login", [True, False])
def test_says_only_to_who_is_reached_there_that_it_is_anothers(
    fresh: Client, anna: Member, capsys: Capsys, has_login: bool
) -> None:
    MemberFactory.create(phone=OTHER) if has_login else member_with_login(phone=OTHER)
    assert ask(fresh, "/account/phone/", OTHER)["Location"] == "/code/"
    [(_to, code)] = texted(capsys)
    assert "belongs to another member" not in type_in(fresh, wrong(code)).content.decode()
    type_in(fresh, code)
    page = fresh.get("/account/").content.decode()
    assert "This phone number belongs to another member already." in page
    anna.refresh_from_db()
    assert str(anna.phone) == PHONE


def test_a_login_without_membership_has_no_contact(client: Client) -> None:
    operator = OperatorFactory.create()
    client.post("/login/", {"login": operator.username, "password": PASSWORD})
    assert client.get("/account/phone/")["Location"] == "/account/"
    page = client.get("/account/").content.decode()
    assert "Phone number" not in page
    assert 'href="/admin/"' in page


def test_signing_out_ends_what_was_begun(fresh: Client, anna: Member, capsys: Capsys) -> None:
    ask(fresh, "/account/phone/", OTHER)
    [(_to, code)] = texted(capsys)
    fresh.post("/logout/")
    assert type_in(fresh, code)["Location"] == "/login/"
    anna.refresh_from_db()
    assert str(anna.phone) == PHONE


def test_another_login_cannot_use_the_code(fresh: Client, anna: Member, capsys: Capsys) -> None:
    ask(fresh, "/account/phone/", OTHER)
    [(_to, code)] = texted(capsys)
    other = member_with_login(phone="+8613700137000")
    fresh.force_login(login_of(other))
    assert signed_in(fresh) == other.user_id
    assert type_in(fresh, code)["Location"] == "/account/"
    other.refresh_from_db()
    assert str(other.phone) == "+8613700137000"


# --- The service --------------------------------------------------------------------------------


def proof(member: Member, contact: str, **changes: Any) -> ContactCode:
    asked = {"purpose": "change", "user": member.user} | changes
    code, digits = issue_code(contact=parse_contact(contact), address="192.0.2.1", **asked)
    return verify_code(code=code, typed=digits)


@pytest.mark.parametrize(
    ("contact", "refusal"), [(OTHER, PhoneTaken), ("b@example.com", EmailTaken)]
)
def test_refuses_what_another_member_holds(
    anna: Member, contact: str, refusal: type[DomainError]
) -> None:
    MemberFactory.create(phone=OTHER, email="b@example.com")
    code = proof(anna, contact)
    with pytest.raises(refusal):
        change_contact(member=anna, code=code)
    kept = Member.objects.get(pk=anna.pk)
    assert (str(kept.phone), kept.email) == (PHONE, "anna@example.com")
    assert ContactCode.objects.get().used_at is None
    assert Notice.objects.count() == 0


def test_refuses_anothers_proof_and_one_for_something_else(anna: Member) -> None:
    other = member_with_login()
    for code in (proof(other, OTHER), proof(anna, "+8613900139001", purpose="confirm")):
        with pytest.raises(ProofExpired):
            change_contact(member=anna, code=code)
    assert str(Member.objects.get(pk=anna.pk).phone) == PHONE


def test_a_proof_changes_once(anna: Member) -> None:
    code = proof(anna, OTHER)
    change_contact(member=anna, code=code)
    with pytest.raises(ProofExpired):
        change_contact(member=anna, code=code)
    assert Notice.objects.count() == 1


def test_a_closed_membership_changes_nothing(anna: Member) -> None:
    code = proof(anna, OTHER)
    Member.objects.update(status=Member.Status.CLOSED)
    with pytest.raises(MemberClosed):
        change_contact(member=anna, code=code)


def test_a_copy_that_was_left_behind_stands_in_nobodys_way(anna: Member) -> None:
    Member.objects.filter(pk=anna.pk).update(email=None)
    other = member_with_login(email="anna@example.com")
    assert EmailAddress.objects.get().user_id == other.user_id


def test_allauths_copy_goes_with_the_address(anna: Member) -> None:
    assert EmailAddress.objects.get().email == "anna@example.com"
    anna.email = None
    anna.save(update_fields=["email"])
    follow_email(member=anna)
    assert not EmailAddress.objects.exists()
