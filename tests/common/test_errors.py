"""One refusal, three translations: the sentence, the API's answer, the form's error."""

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.test import override_settings
from django.utils.translation import override
from rest_framework.exceptions import NotFound
from rest_framework.renderers import JSONRenderer

from common.api import exception_handler
from common.context import programme
from common.errors import DomainError
from common.forms import KeyedForm, add_domain_error


class TooFew(DomainError):
    code = "too_few"
    message = "Only %(points)s of %(asked)s points can be spent until %(day)s."


class Unclear(DomainError):
    code = "unclear"
    message = "“%(text)s” is 100%% unclear."
    status = 422


TOO_FEW = TooFew(points=1200, asked=Decimal("30000.50"), day=date(2025, 12, 31))


def test_says_it_the_way_the_language_writes_numbers() -> None:
    with override("en"):
        assert str(TOO_FEW) == "Only 1,200 of 30,000.50 points can be spent until Dec. 31, 2025."
    with override("zh-hans"):
        sentence = "Only 1,200 of 30,000.50 points can be spent until 2025年12月31日."
        assert str(TOO_FEW) == sentence


@override_settings(TIME_ZONE="Asia/Shanghai")
def test_says_instants_in_the_programmes_zone() -> None:
    error = Unclear(text=datetime(2025, 12, 31, 16, tzinfo=UTC))
    assert str(error) == "“Jan. 1, 2026, midnight” is 100% unclear."


def test_has_a_sentence_without_details() -> None:
    assert str(DomainError()) == "This is not possible."
    assert (DomainError.code, DomainError.status) == ("refused", 409)
    assert repr(Unclear(text="x")) == "Unclear(text='x')"


def test_survives_the_way_to_another_process() -> None:
    copy = pickle.loads(pickle.dumps(TOO_FEW))  # noqa: S301
    assert type(copy) is TooFew
    assert copy.details == TOO_FEW.details


def test_is_answered_by_the_api() -> None:
    response = exception_handler(TOO_FEW, {})
    assert response is not None
    assert response.status_code == 409
    assert JSONRenderer().render(response.data).decode() == (
        '{"code":"too_few",'
        '"message":"Only 1,200 of 30,000.50 points can be spent until Dec. 31, 2025.",'
        '"details":{"points":1200,"asked":"30000.50","day":"2025-12-31"}}'
    )


def test_is_answered_with_its_own_status() -> None:
    response = exception_handler(Unclear(text=object), {})
    assert response is not None
    assert response.status_code == 422
    assert response.data["details"] == {"text": "<class 'object'>"}


def test_leaves_other_exceptions_to_the_framework() -> None:
    response = exception_handler(NotFound(), {})
    assert response is not None
    assert response.status_code == 404
    assert exception_handler(ZeroDivisionError(), {}) is None


class PointsForm(KeyedForm):
    points = forms.IntegerField()


@pytest.mark.parametrize(("field", "place"), [(None, "__all__"), ("points", "points")])
def test_is_shown_on_a_form(field: str | None, place: str) -> None:
    form = PointsForm({"points": 5, "key": "k"})
    assert form.is_valid()
    add_domain_error(form, Unclear(text="5"), field)
    assert form.errors == {place: ["“5” is 100% unclear."]}
    assert form.errors.as_data()[place][0].code == "unclear"


def test_gives_each_shown_form_a_key_of_its_own() -> None:
    one, other = PointsForm(), PointsForm()
    assert one["key"].initial == one["key"].value()
    assert len(one["key"].initial) == 32
    assert one["key"].initial != other["key"].initial


@override_settings(PROGRAMME_NAME="Tea and Friends")
def test_names_the_programme_in_every_template(rf: object) -> None:
    assert programme(rf.get("/")) == {"programme_name": "Tea and Friends"}  # type: ignore[attr-defined]
