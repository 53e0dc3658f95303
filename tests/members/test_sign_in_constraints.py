"""The database refuses by itself what the services of joining and signing in would have refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model

from common import clock
from common.integrity import broken_constraint
from members.models import AccessCounter, Agreement, Consent, ConsentText, ContactCode
from tests.factories import MemberFactory, OperatorFactory

pytestmark = pytest.mark.django_db


def refused(model: type[Model], **values: Any) -> str | None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        model._default_manager.create(**values)
    return broken_constraint(error.value, model)


def code(**changes: Any) -> dict[str, Any]:
    now = clock.now()
    asked = {"purpose": "join", "channel": "sms", "address": "+8613800138000"}
    return asked | {"expires_at": now + timedelta(minutes=10)} | changes


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"channel": "post"}, "contactcode_channel_known"),
        ({"tries": 6}, "contactcode_tries_bounded"),
        ({"used_at": clock.now()}, "contactcode_used_after_typed"),
        ({"purpose": "change"}, "contactcode_asked_by"),
        ({"purpose": "confirm"}, "contactcode_asked_by"),
    ],
)
def test_a_code_is_one(changes: dict[str, Any], constraint: str) -> None:
    assert refused(ContactCode, **code(**changes)) == constraint
    ContactCode.objects.create(**code(tries=5))


def test_a_code_has_a_purpose_and_who_is_signed_in_has_another() -> None:
    user = OperatorFactory.create()
    assert refused(ContactCode, **code(purpose="sign_in", user=user)) == "contactcode_asked_by"
    broken = refused(ContactCode, **code(purpose="party", user=user))
    assert broken in {"contactcode_purpose_known", "contactcode_asked_by"}


def test_a_guesser_is_counted_once_per_window() -> None:
    AccessCounter.objects.create(guesser="code-to:1", window=1)
    AccessCounter.objects.create(guesser="code-to:1", window=2)
    again = {"guesser": "code-to:1", "window": 1}
    assert refused(AccessCounter, **again) == "accesscounter_once"
    assert refused(AccessCounter, guesser="", window=1) == "accesscounter_names_someone"


def wording(**changes: Any) -> dict[str, Any]:
    return {"subject": "sms", "version": 1, "text_en": "Yes.", "text_zh": "好。"} | changes


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"subject": "pigeon"}, "consenttext_subject_known"),
        ({"version": 0}, "consenttext_version_from_one"),
        ({"text_en": ""}, "consenttext_in_both_languages"),
        ({"text_zh": ""}, "consenttext_in_both_languages"),
    ],
)
def test_a_wording_is_one(changes: dict[str, Any], constraint: str) -> None:
    assert refused(ConsentText, **wording(**changes)) == constraint


def test_a_version_of_a_subject_is_there_once() -> None:
    ConsentText.objects.create(**wording())
    assert refused(ConsentText, **wording()) == "consenttext_version_once"


def test_what_was_agreed_to_was_read_in_a_language() -> None:
    text, member = ConsentText.objects.create(**wording()), MemberFactory.create()
    said = {"member": member, "at": clock.now(), "source": "portal"}
    agreed = {**said, "text": text, "language": "fr"}
    assert refused(Agreement, **agreed) == "agreement_language_known"
    yes = {**said, "channel": "sms", "is_granted": True}
    assert refused(Consent, **yes, text=text) == "consent_text_in_a_language"
    assert refused(Consent, **yes, language="en") == "consent_text_in_a_language"
    Consent.objects.create(**yes)
    Consent.objects.create(**yes, text=text, language="zh-hans")


@pytest.mark.parametrize(
    ("model", "changes"), [(ConsentText, {"version": 9}), (Agreement, {"source": "till"})]
)
def test_what_was_agreed_to_is_never_changed(model: type[Model], changes: dict[str, Any]) -> None:
    text = ConsentText.objects.create(**wording())
    Agreement.objects.create(
        member=MemberFactory.create(), text=text, language="en", at=clock.now(), source="portal"
    )
    rows = model._default_manager.all()
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**changes)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows._raw_delete(rows.db)  # type: ignore[attr-defined]
