"""The database refuses by itself what the services would have refused."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model

from common.integrity import broken_constraint
from members.models import (
    Consent,
    Member,
    MemberTag,
    Segment,
    SegmentMembership,
    Store,
    Tag,
    User,
)
from tests.factories import MemberFactory, StoreFactory

pytestmark = pytest.mark.django_db


def refused(model: type[Model], write: Callable[[], object]) -> str | None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()
    return broken_constraint(error.value, model)


@pytest.mark.parametrize(
    ("field", "value", "constraint"),
    [
        ("card_number", "1000000000000008", "member_card_number_unique"),
        ("phone", "+8613800138000", "member_phone_unique"),
        ("email", "anna@example.com", "member_email_unique"),
        ("external_number", "12346", "member_external_number_unique"),
    ],
)
def test_one_member_per_number(field: str, value: str, constraint: str) -> None:
    MemberFactory.create(**{field: value})
    assert refused(Member, lambda: MemberFactory.create(**{field: value})) == constraint
    assert Member.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"card_number": "123"}, "member_card_number_length"),
        ({"phone": "12"}, "member_phone_international"),
        ({"email": "Anna@example.com"}, "member_email_lower_case"),
        ({"email": ""}, "member_email_lower_case"),
        ({"external_number": ""}, "member_external_number_null_when_unknown"),
        ({"birth_month": 2}, "member_birthday_is_a_day"),
        ({"birth_day": 2}, "member_birthday_is_a_day"),
        ({"birth_month": 0, "birth_day": 1}, "member_birthday_is_a_day"),
        ({"birth_month": 13, "birth_day": 1}, "member_birthday_is_a_day"),
        ({"birth_month": 1, "birth_day": 0}, "member_birthday_is_a_day"),
        ({"birth_month": 1, "birth_day": 32}, "member_birthday_is_a_day"),
        ({"birth_month": 2, "birth_day": 30}, "member_birthday_is_a_day"),
        ({"birth_month": 4, "birth_day": 31}, "member_birthday_is_a_day"),
        (
            {"birth_month": 1, "birth_day": 31, "birth_calendar": "lunar"},
            "member_birthday_is_a_day",
        ),
        ({"birth_year": 1899}, "member_birth_year_sane"),
        ({"birth_calendar": "mayan"}, "member_calendar_known"),
        ({"language": "fr"}, "member_language_known"),
        ({"status": "gone"}, "member_status_known"),
    ],
)
def test_nothing_impossible_is_kept(change: dict[str, Any], constraint: str) -> None:
    member = MemberFactory.create()
    write = Member.objects.filter(pk=member.pk).update
    assert refused(Member, lambda: write(**change)) == constraint
    kept = {name: getattr(member, name) for name in change}
    assert Member.objects.values(*change).get() == kept


def test_unknown_numbers_do_not_clash() -> None:
    MemberFactory.create_batch(2, phone=None, email=None, external_number=None)
    assert Member.objects.filter(phone=None, email=None, external_number=None).count() == 2


def test_one_login_per_name_and_address_in_any_case() -> None:
    User.objects.create_user("Anna", "anna@shop.example", "x")
    assert (
        refused(User, lambda: User.objects.create_user("anna")) == "user_username_unique_any_case"
    )
    second = lambda: User.objects.create_user("berta", "ANNA@shop.example")  # noqa: E731
    assert refused(User, second) == "user_email_unique_any_case"
    User.objects.create_user("carla")
    User.objects.create_user("dora")
    assert User.objects.filter(email="").count() == 2


def test_stores_have_their_own_code() -> None:
    StoreFactory.create(code="S1")
    assert refused(Store, lambda: StoreFactory.create(code="S1")) == "store_code_unique"
    assert refused(Store, lambda: StoreFactory.create(code="")) == "store_code_given"


def test_consent_names_a_channel() -> None:
    member = MemberFactory.create()
    write = lambda: Consent.objects.create(  # noqa: E731
        member=member,
        channel="smoke",
        is_granted=True,
        at=datetime(2025, 1, 1, tzinfo=UTC),
        source="till",
    )
    assert refused(Consent, write) == "consent_channel_known"


def test_broken_constraint_of_another_table_is_not_ours() -> None:
    StoreFactory.create(code="S1")
    assert refused(Member, lambda: StoreFactory.create(code="S1")) is None


def test_joined_on_is_a_date_of_its_own() -> None:
    member = MemberFactory.create(joined_at=datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC))
    assert member.joined_on == date(2025, 12, 31)
    member = MemberFactory.create(joined_at=datetime(2025, 12, 31, 16, 0, tzinfo=UTC))
    assert member.joined_on == date(2026, 1, 1)


def test_a_member_stays_in_a_segment_once_at_a_time() -> None:
    member = MemberFactory.create()
    segment = Segment.objects.create(code="tea", name_en="Tea lovers")
    stay = {"segment": segment, "member": member, "from_on": date(2025, 3, 1)}
    SegmentMembership.objects.create(**stay, until_on=date(2025, 4, 1))
    SegmentMembership.objects.create(**stay)
    again = lambda: SegmentMembership.objects.create(**stay)  # noqa: E731
    assert refused(SegmentMembership, again) == "segment_one_open_stay"
    backwards = lambda: SegmentMembership.objects.create(  # noqa: E731
        **stay, until_on=date(2025, 2, 28)
    )
    assert refused(SegmentMembership, backwards) == "segment_stay_begins_before_it_ends"


def test_a_tag_is_put_on_a_member_once() -> None:
    tag, member = Tag.objects.create(code="vip", name_en="Guest of honour"), MemberFactory.create()
    MemberTag.objects.create(tag=tag, member=member)
    again = lambda: MemberTag.objects.create(tag=tag, member=member)  # noqa: E731
    assert refused(MemberTag, again) == "tag_once_per_member"
