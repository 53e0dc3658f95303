"""Joining, and claiming what a till began, over HTTP."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from pytest_django import Settings

from members.errors import ProofExpired, TextUnchanged
from members.models import Agreement, Consent, ConsentText, ContactCode, Member, User
from members.services.consent_texts import current_texts, publish_text
from members.services.joining import join_member
from tests.factories import PASSWORD, MemberFactory, OperatorFactory, login_of, member_with_login

from .codes import Capsys, ask, mailed, signed_in, texted, type_in

pytestmark = pytest.mark.django_db

PHONE = "+8613800138000"
NOON = datetime(2025, 6, 2, 4, 0, tzinfo=UTC)


def prove(client: Client, capsys: Capsys, phone: str = PHONE, **fields: str) -> Any:
    ask(client, "/join/", phone, **fields)
    [(_to, code)] = texted(capsys)
    return type_in(client, code)


def said(client: Client, **changes: str) -> dict[str, str]:
    """The form as it is shown, filled in."""
    form = client.get("/join/details/").context["form"]
    filled = {"shown": form.initial["shown"], "language": form.initial["language"]}
    filled |= {"family_name": "王", "given_name": "小明", "terms": "on"}
    return {name: value for name, value in (filled | changes).items() if value}


def join(client: Client, **changes: str) -> Any:
    return client.post("/join/details/", said(client, **changes))


def test_joins_by_phone(client: Client, capsys: Capsys) -> None:
    assert prove(client, capsys)["Location"] == "/join/details/"
    response = join(client, sms="on")
    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, "/")
    member = Member.objects.get()
    assert (str(member.phone), member.email) == (PHONE, None)
    assert (member.family_name, member.given_name, member.source) == ("王", "小明", "portal")
    assert member.language == "en"
    assert signed_in(client) == member.user_id
    assert not login_of(member).has_usable_password()
    assert client.get("/").status_code == HTTPStatus.OK


def test_joins_by_mail_and_allauth_follows(client: Client) -> None:
    ask(client, "/join/", "Wang@Example.com")
    [(_to, code)] = mailed()
    type_in(client, code)
    join(client, password=PASSWORD, language="zh-hans")
    member = Member.objects.get()
    assert (member.phone, member.email, member.language) == (None, "wang@example.com", "zh-hans")
    assert login_of(member).check_password(PASSWORD)
    address = EmailAddress.objects.get()
    assert (address.user_id, address.email) == (member.user_id, "wang@example.com")
    assert (address.verified, address.primary) == (True, True)
    assert client.cookies["django_language"].value == "zh-hans"


def test_keeps_what_was_agreed_to_word_for_word(client: Client, capsys: Capsys) -> None:
    operator = OperatorFactory.create()
    publish_text(subject="terms", text_en="The new terms.", text_zh="新条款。", operator=operator)
    prove(client, capsys)
    page = client.get("/join/details/").content.decode()
    assert "The new terms." in page
    assert "Version 2" in page
    join(client, sms="on", language="zh-hans")
    member = Member.objects.get()
    agreement = Agreement.objects.get()
    assert (agreement.member, agreement.text.version) == (member, 2)
    assert (agreement.text.text_zh, agreement.language) == ("新条款。", "zh-hans")
    assert agreement.source == "portal"
    assert Consent.objects.current(member) == {"sms": True}
    consent = Consent.objects.get()
    assert consent.text is not None
    assert consent.text.text_en == "Regulars may send me news and offers by text message."
    assert (consent.text.version, consent.language, consent.source) == (1, "zh-hans", "portal")


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"terms": ""}, ["terms"]),
        ({"family_name": "", "given_name": ""}, ["family_name"]),
        ({"family_name": "  ", "given_name": " "}, ["family_name"]),
        ({"password": "1234567"}, ["password"]),
        ({"password": "password"}, ["password"]),
        ({"language": "fr"}, ["language"]),
        ({"family_name": "王" * 81}, ["family_name"]),
        ({"shown": "1,2"}, ["__all__"]),
    ],
)
def test_shows_again_what_is_missing(
    client: Client, capsys: Capsys, changes: dict[str, str], wrong: list[str]
) -> None:
    prove(client, capsys)
    response = join(client, **changes)
    assert response.status_code == HTTPStatus.OK
    assert list(response.context["form"].errors) == wrong
    assert Member.objects.count() == 0
    assert join(client).status_code == HTTPStatus.FOUND


def test_one_name_is_enough(client: Client, capsys: Capsys) -> None:
    prove(client, capsys)
    join(client, family_name="")
    assert Member.objects.get().display_name == "小明"


def test_a_text_that_changed_meanwhile_is_read_again(client: Client, capsys: Capsys) -> None:
    prove(client, capsys)
    form = said(client)
    operator = OperatorFactory.create()
    publish_text(subject="terms", text_en="Stricter.", text_zh="更严。", operator=operator)
    response = client.post("/join/details/", form)
    page = response.content.decode()
    assert "A text was changed meanwhile. Please read it and send again." in page
    assert "Stricter." in page
    assert Member.objects.count() == 0
    # The page that came back names the new wording.
    assert client.post("/join/details/", form | {"shown": versions()}).status_code == 302
    assert Agreement.objects.get().text.text_en == "Stricter."


def versions() -> str:
    texts = current_texts()
    return ",".join(str(texts[name].pk) for name in ("terms", "email", "sms", "wechat"))


def test_asks_for_the_channels_that_something_carries(
    client: Client, capsys: Capsys, settings: Settings
) -> None:
    prove(client, capsys)
    assert [field.name for field in offered(client)] == ["email", "sms", "wechat"]
    settings.NOTICE_CHANNELS = {"email": "", "sms": "members.channels.ConsoleSms", "wechat": ""}
    assert [field.name for field in offered(client)] == ["sms"]


def offered(client: Client) -> list[Any]:
    offers: list[Any] = client.get("/join/details/").context["form"].offers
    return offers


def test_goes_on_to_the_page_that_asked(client: Client, capsys: Capsys) -> None:
    assert '/join/?next=%2Fpoints%2F"' in client.get("/login/?next=/points/").content.decode()
    prove(client, capsys, next="/points/")
    assert join(client)["Location"] == "/points/"


def test_never_leaves_the_site(client: Client, capsys: Capsys) -> None:
    prove(client, capsys, next="https://evil.example/")
    assert join(client)["Location"] == "/"


def test_who_is_a_member_already_is_signed_in(client: Client, capsys: Capsys) -> None:
    member = member_with_login(phone=PHONE)
    assert prove(client, capsys)["Location"] == "/"
    assert signed_in(client) == member.user_id
    assert Member.objects.count() == 1


# --- Claiming ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/join/", "/login/code/", "/password/forgot/"])
def test_claims_what_the_till_began(client: Client, capsys: Capsys, path: str) -> None:
    member = MemberFactory.create(phone=PHONE, email="wang@example.com", family_name="王")
    ask(client, path, PHONE)
    [(_to, code)] = texted(capsys)
    assert type_in(client, code)["Location"] == "/join/details/"
    page = client.get("/join/details/")
    assert "We know you from the shop" in page.content.decode()
    assert "family_name" not in page.context["form"].fields
    client.post("/join/details/", {"shown": versions(), "language": "zh-hans", "terms": "on"})
    claimed = Member.objects.get()
    assert claimed.pk == member.pk
    assert signed_in(client) == claimed.user_id
    assert (claimed.source, claimed.family_name, claimed.language) == ("till", "王", "zh-hans")
    assert claimed.card_number == member.card_number
    # The address that the till wrote down follows the member.
    assert EmailAddress.objects.get().email == "wang@example.com"


def test_a_claim_gives_a_name_where_there_is_none(client: Client, capsys: Capsys) -> None:
    MemberFactory.create(phone=PHONE, family_name="", given_name="")
    prove(client, capsys)
    join(client, family_name="李", given_name="雷")
    assert Member.objects.get().display_name == "李雷"


def test_a_claim_by_mail_finds_the_same_member(client: Client) -> None:
    member = MemberFactory.create(phone=PHONE, email="wang@example.com")
    ask(client, "/join/", "wang@example.com")
    [(_to, code)] = mailed()
    type_in(client, code)
    client.post("/join/details/", {"shown": versions(), "language": "en", "terms": "on"})
    assert Member.objects.get().user_id == signed_in(client)
    assert Member.objects.get().pk == member.pk


def test_what_is_closed_cannot_be_claimed(client: Client, capsys: Capsys) -> None:
    MemberFactory.create(phone=PHONE, status=Member.Status.CLOSED)
    prove(client, capsys)
    response = client.get("/join/details/")
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert "This membership is closed." in response.content.decode()
    assert User.objects.count() == 0


@pytest.mark.parametrize(("seconds", "is_member"), [(899, True), (900, False), (901, False)])
def test_a_proof_holds_for_a_quarter_of_an_hour(
    client: Client, capsys: Capsys, seconds: int, is_member: bool
) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        prove(client, capsys)
        form = said(client)
        traveller.move_to(NOON + timedelta(seconds=seconds))
        response = client.post("/join/details/", form)
    assert Member.objects.exists() == is_member
    assert response["Location"] == ("/" if is_member else "/join/")


def test_nobody_joins_without_a_proof(client: Client, capsys: Capsys) -> None:
    assert client.get("/join/details/")["Location"] == "/join/"
    ask(client, "/join/", PHONE)
    assert client.post("/join/details/", {"terms": "on"})["Location"] == "/join/"
    assert Member.objects.count() == 0


def test_a_proof_joins_once(client: Client, capsys: Capsys) -> None:
    prove(client, capsys)
    code = ContactCode.objects.get()
    join(client)
    with pytest.raises(ProofExpired):
        join_member(code=code, **words())
    assert (Member.objects.count(), User.objects.count()) == (1, 1)


def words() -> Any:
    return {
        "family_name": "王",
        "given_name": "小明",
        "language": "en",
        "password": None,
        "texts": [current_texts()["terms"]],
    }


def test_the_second_of_two_proofs_finds_the_member_of_the_first(capsys: Capsys) -> None:
    first, second = Client(), Client()
    with time_machine.travel(NOON, tick=False) as traveller:
        prove(first, capsys)
        traveller.move_to(NOON + timedelta(minutes=1))
        prove(second, capsys)
        late = said(second, password="another harbour")
        join(first, password=PASSWORD)
        assert second.post("/join/details/", late)["Location"] == "/"
        member = Member.objects.get()
        assert signed_in(first) == signed_in(second) == member.user_id
    assert login_of(member).check_password(PASSWORD)


def test_a_wording_is_published_once() -> None:
    operator = OperatorFactory.create()
    texts = current_texts()
    assert sorted(texts) == ["email", "phone", "sms", "terms", "wechat"]
    assert current_texts() == texts
    assert "Regulars" in texts["terms"].text_zh
    assert texts["terms"].text_zh != texts["terms"].text_en
    again = {"text_en": texts["sms"].text_en, "text_zh": texts["sms"].text_zh}
    with pytest.raises(TextUnchanged):
        publish_text(subject="sms", operator=operator, **again)
    published = publish_text(subject="sms", text_en="Yes.", text_zh="好。", operator=operator)
    assert (published.version, published.operator) == (2, operator)
    assert current_texts()["sms"] == published
    assert ConsentText.objects.count() == 6
