"""Terms that change are read and agreed to again."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from members.errors import MemberClosed, TermsOutdated
from members.models import Agreement, ConsentText, Member
from members.services.consent_texts import current_texts, publish_text
from members.services.terms import agree_to_terms
from tests.factories import MemberFactory, OperatorFactory, login_of, member_with_login

pytestmark = pytest.mark.django_db

BANNER = "The terms have changed"


def publish(words: str = "New.") -> ConsentText:
    operator = OperatorFactory.create()
    return publish_text(subject="terms", text_en=words, text_zh="新。", operator=operator)


def agree(member: Member, text: ConsentText, **details: object) -> Agreement:
    said = {"language": "en", "source": "portal", **details}
    return agree_to_terms(member=member, text=text, **said)  # type: ignore[arg-type]


@pytest.fixture
def member() -> Member:
    """Who agreed to the first wording."""
    member = member_with_login()
    agree(member, current_texts()["terms"])
    return member


@pytest.fixture
def browser(client: Client, member: Member) -> Client:
    client.force_login(login_of(member), backend="members.adapters.LoginBackend")
    return client


def shown(client: Client, name: str = "home") -> str:
    return " ".join(client.get(reverse(name)).content.decode().split())


def test_asks_on_every_page_once_the_terms_changed(browser: Client, member: Member) -> None:
    assert BANNER not in shown(browser)
    text = publish("Points end after two years.")
    for name in ("home", "points", "coupons", "me", "inbox"):
        assert BANNER in shown(browser, name)
    page = shown(browser, "terms")
    assert "Points end after two years." in page
    assert "Version 2" in page
    answer = browser.post(reverse("terms"), {"text": text.pk})
    assert answer["Location"] == "/"
    assert BANNER not in shown(browser)
    latest = Agreement.objects.of(member)[0]
    assert (latest.text, latest.language, latest.source) == (text, "en", "portal")
    assert clock.now() - latest.at < timedelta(minutes=1)
    page = shown(browser, "terms")
    assert "You have agreed to these terms." in page
    assert page.count("in the portal") == 2


def test_other_texts_ask_for_nothing(browser: Client) -> None:
    operator = OperatorFactory.create()
    publish_text(subject="email", text_en="News.", text_zh="新。", operator=operator)
    assert BANNER not in shown(browser)


def test_asks_whoever_never_agreed_and_not_on_behalf_of_others(
    browser: Client, member: Member
) -> None:
    other = Client()
    other.force_login(login_of(member_with_login()), backend="members.adapters.LoginBackend")
    assert BANNER in shown(other)
    assert BANNER not in shown(browser)


def test_asks_nobody_where_no_text_was_ever_shown(client: Client) -> None:
    client.force_login(login_of(member_with_login()), backend="members.adapters.LoginBackend")
    assert not ConsentText.objects.exists()
    assert BANNER not in shown(client)


def test_a_double_tap_agrees_once(browser: Client, member: Member) -> None:
    text = publish()
    for _tap in range(2):
        assert browser.post(reverse("terms"), {"text": text.pk})["Location"] == "/"
    assert Agreement.objects.filter(member=member, text=text).count() == 1


def test_keeps_the_language_that_was_read(browser: Client, member: Member) -> None:
    text = publish()
    browser.post(reverse("terms"), {"text": text.pk}, headers={"accept-language": "zh-CN"})
    assert Agreement.objects.get(text=text).language == "zh-hans"


def test_terms_that_changed_meanwhile_are_read_again(browser: Client, member: Member) -> None:
    old = publish("Second.")
    publish("Third.")
    answer = browser.post(reverse("terms"), {"text": old.pk}, follow=True)
    page = answer.content.decode()
    assert "The terms were changed meanwhile." in page
    assert "Third." in page
    assert Agreement.objects.count() == 1


@pytest.mark.parametrize("sent", [{}, {"text": "0"}, {"text": "x"}])
def test_what_no_page_sends_agrees_to_nothing(browser: Client, sent: dict[str, str]) -> None:
    assert browser.post(reverse("terms"), sent).status_code == 404
    email = current_texts()["email"]
    assert browser.post(reverse("terms"), {"text": email.pk}).status_code == 404
    assert Agreement.objects.count() == 1


def test_refuses_old_terms_and_closed_memberships() -> None:
    old = current_texts()["terms"]
    text = publish()
    with pytest.raises(TermsOutdated):
        agree(MemberFactory.create(), old)
    with pytest.raises(MemberClosed):
        agree(MemberFactory.create(status=Member.Status.CLOSED), text)
    assert not Agreement.objects.exists()
