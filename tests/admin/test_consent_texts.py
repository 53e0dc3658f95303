"""Operators write what members are asked to agree to."""

from http import HTTPStatus

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from members.models import ConsentText, User
from members.services.consent_texts import current_texts
from tests.factories import OperatorFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/members/consenttext/"


def test_the_list_begins_with_the_first_wordings(desk: Client) -> None:
    page = desk.get(LIST).content.decode()
    assert "Regulars may send me news and offers by text message." in page
    assert ConsentText.objects.count() == 5


def test_publishes_a_new_version(desk: Client, operator: User) -> None:
    first = current_texts()["sms"]
    path = reverse("admin:members_consenttext_publish", args=[first.pk])
    assert first.text_zh in desk.get(path).content.decode()
    response = desk.post(path, {"text_en": "We may write.", "text_zh": "可以发短信。"}, follow=True)
    assert "Version 2 holds now." in response.content.decode()
    latest = current_texts()["sms"]
    assert (latest.version, latest.text_en, latest.operator) == (2, "We may write.", operator)
    assert ConsentText.objects.get(pk=first.pk).text_en == first.text_en


@pytest.mark.parametrize(
    ("english", "chinese"), [("", "好。"), ("Yes.", ""), ("  ", "好。")], ids=["en", "zh", "blank"]
)
def test_asks_for_both_languages(desk: Client, english: str, chinese: str) -> None:
    path = reverse("admin:members_consenttext_publish", args=[current_texts()["sms"].pk])
    response = desk.post(path, {"text_en": english, "text_zh": chinese})
    assert response.context["form"].errors
    assert ConsentText.objects.count() == 5


def test_refuses_the_wording_that_holds(desk: Client) -> None:
    first = current_texts()["sms"]
    path = reverse("admin:members_consenttext_publish", args=[first.pk])
    response = desk.post(path, {"text_en": first.text_en, "text_zh": first.text_zh})
    assert "This text holds already, word for word." in response.content.decode()
    assert ConsentText.objects.count() == 5


def test_who_only_looks_does_not_write(client: Client) -> None:
    reader = OperatorFactory.create(is_superuser=False)
    reader.user_permissions.add(Permission.objects.get(codename="view_consenttext"))
    client.force_login(reader)
    assert client.get(LIST).status_code == HTTPStatus.OK
    path = reverse("admin:members_consenttext_publish", args=[current_texts()["sms"].pk])
    response = client.post(path, {"text_en": "Yes.", "text_zh": "好。"})
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert ConsentText.objects.count() == 5
