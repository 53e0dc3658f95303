"""A member gives the birthday once; an operator changes it, with a reason, and it is kept."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from common.errors import DomainError
from members.models import BirthdayChange, Member
from members.services.birthdays import correct_birthday, give_birthday
from tests.factories import OperatorFactory, member_with_login
from tests.loyalty.programmes import local

pytestmark = pytest.mark.django_db

NOON = local(2025, 3, 14, 12)
FORM = {"calendar": "lunar", "month": "12", "day": "30", "year": ""}


@pytest.fixture
def member() -> Member:
    return member_with_login()


@pytest.fixture
def signed_in(client: Client, member: Member) -> Client:
    assert member.user is not None
    client.force_login(member.user, backend="members.adapters.LoginBackend")
    return client


def give(member: Member, **told: Any) -> Member:
    return give_birthday(member=member, now=NOON, **{"month": 3, "day": 20} | told)


def correct(member: Member, **told: Any) -> Member:
    details = {"month": 6, "day": 1, "reason": "The identity card says so"} | told
    return correct_birthday(member=member, operator=OperatorFactory.create(), now=NOON, **details)


def test_a_birthday_is_given_once(member: Member) -> None:
    give(member, year=1990)
    member.refresh_from_db()
    told = (member.birth_year, member.birth_month, member.birth_day, member.birthday_set_on)
    assert told == (1990, 3, 20, date(2025, 3, 14))
    give(member, year=1990)
    with pytest.raises(DomainError) as refused:
        give(member, day=21)
    assert refused.value.code == "birthday_given"
    change = BirthdayChange.objects.get()
    assert (change.before_text, change.after_text) == ("–", "1990-03-20 (solar)")
    assert (change.operator, change.reason) == (None, "")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"day": 32}, "birthday_not_valid"),
        ({"month": 4, "day": 31}, "birthday_not_valid"),
        ({"calendar": "lunar", "day": 31}, "birthday_not_valid"),
        ({"month": 2, "day": 29, "year": 2023}, "birthday_not_valid"),
        ({"year": 2025, "month": 3, "day": 15}, "birthday_not_valid"),
    ],
)
def test_what_is_no_day_is_refused(member: Member, told: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        give(member, **told)
    assert refused.value.code == code
    member.refresh_from_db()
    assert (member.birth_month, BirthdayChange.objects.count()) == (None, 0)


def test_an_operator_changes_it_with_a_reason(member: Member) -> None:
    give(member)
    correct(member, calendar="lunar")
    member.refresh_from_db()
    assert (member.birth_month, member.birth_day, member.birth_calendar) == (6, 1, "lunar")
    change = BirthdayChange.objects.latest("pk")
    assert (change.before_text, change.after_text) == ("03-20 (solar)", "06-01 (lunar)")
    assert change.operator is not None
    assert change.reason == "The identity card says so"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"reason": "  "}, "birthday_reason_missing"),
        ({"month": 3, "day": 20}, "birthday_unchanged"),
        ({"month": 2, "day": 30}, "birthday_not_valid"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    member: Member, told: dict[str, Any], code: str
) -> None:
    give(member)
    with pytest.raises(DomainError) as refused:
        correct(member, **told)
    assert refused.value.code == code
    assert BirthdayChange.objects.count() == 1


def test_a_closed_membership_has_no_birthday_to_give(member: Member) -> None:
    Member.objects.update(status="closed")
    with pytest.raises(DomainError) as refused:
        give(member)
    assert refused.value.code == "member_closed"


def test_the_database_asks_an_operator_for_a_reason(member: Member) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        BirthdayChange.objects.create(
            member=member, before={}, after={}, operator=OperatorFactory.create(), at=NOON
        )


def test_the_page_takes_it_down_once(signed_in: Client, member: Member) -> None:
    page = signed_in.post(reverse("birthday"), FORM, follow=True).content.decode()
    assert "day 30 of month 12 in the lunar calendar" in page
    assert "birthday-form" not in page
    member.refresh_from_db()
    assert (member.birth_month, member.birth_day, member.birth_calendar) == (12, 30, "lunar")
    again = signed_in.post(reverse("birthday"), FORM | {"day": "1"}).content.decode()
    member.refresh_from_db()
    assert member.birth_day == 30
    assert "day 30 of month 12" in again


def test_the_page_says_what_is_wrong(signed_in: Client, member: Member) -> None:
    wrong = FORM | {"calendar": "solar", "month": "2", "day": "30"}
    page = signed_in.post(reverse("birthday"), wrong).content.decode()
    assert "There is no such birthday." in page
    member.refresh_from_db()
    assert member.birth_month is None


def test_an_operator_changes_it_on_the_members_page(client: Client, member: Member) -> None:
    give(member)
    client.force_login(OperatorFactory.create(), backend="members.adapters.LoginBackend")
    address = f"/admin/members/member/{member.pk}/birthday/"
    assert "Birthday now: March 20." in client.get(address).content.decode()
    form = {"calendar": "solar", "month": "5", "day": "5", "year": "", "reason": "Typed wrong"}
    assert client.post(address, form).status_code == 302
    member.refresh_from_db()
    assert (member.birth_month, member.birth_day) == (5, 5)
    listed = client.get("/admin/members/birthdaychange/").content.decode()
    assert "Typed wrong" in listed
