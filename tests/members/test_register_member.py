"""Registering members: what is kept, and what is refused."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from common.errors import DomainError
from members import services
from members.errors import (
    BirthdayNotValid,
    EmailNotValid,
    EmailTaken,
    ExternalNumberTaken,
    PhoneNotValid,
    PhoneTaken,
)
from members.jobs import population
from members.models import Consent, Member
from tests.factories import MemberFactory, StoreFactory

pytestmark = pytest.mark.django_db


def test_keeps_what_is_known() -> None:
    store = StoreFactory.create()
    member = services.register_member(
        source="till",
        external_number=" A-17 ",
        family_name=" 王 ",
        given_name="小明",
        phone="138 0013 8000",
        email=" Xiaoming@Example.COM ",
        birth_year=1990,
        birth_month=2,
        birth_day=28,
        language="zh-hans",
        home_store=store,
        joined_at=datetime(2025, 3, 14, 16, 0, tzinfo=UTC),
    )
    member.refresh_from_db()
    assert str(member.phone) == "+8613800138000"
    assert member.email == "xiaoming@example.com"
    assert member.external_number == "A-17"
    assert member.display_name == "王小明"
    # 16:00 UTC is midnight in Shanghai: the next business day has begun.
    assert member.joined_on == date(2025, 3, 15)
    assert member.birthday_set_on == date(2025, 3, 15)
    assert member.home_store == store
    assert (member.status, member.user) == ("active", None)


def test_asks_for_nothing_but_the_way_in(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    # The insert and its savepoint, nothing to look up; the outer pair is the service's own.
    with django_assert_num_queries(5):
        member = services.register_member(source="till")
    assert (member.phone, member.email, member.external_number) == (None, None, None)
    assert member.display_name == f"Member •{member.card_number[-4:]}"


def test_registers_thousands_in_few_statements(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    rows = [
        services.NewMember(source="import", external_number=str(number)) for number in range(1000)
    ]
    with django_assert_max_num_queries(60):
        members = services.register_members(rows)
    assert [member.external_number for member in members] == [str(n) for n in range(1000)]
    assert len({member.card_number for member in members}) == 1000
    assert Member.objects.count() == 1000


@pytest.mark.parametrize(
    ("details", "refusal"),
    [
        ({"phone": "13800138000"}, PhoneTaken),
        ({"phone": "+86 138-0013-8000"}, PhoneTaken),
        ({"phone": "１３８００１３８０００"}, PhoneTaken),
        ({"email": "ANNA@example.com"}, EmailTaken),
        ({"external_number": "12346"}, ExternalNumberTaken),
        ({"phone": "12"}, PhoneNotValid),
        ({"phone": "no number"}, PhoneNotValid),
        ({"email": "anna"}, EmailNotValid),
        ({"birth_month": 2}, BirthdayNotValid),
        ({"birth_month": 13, "birth_day": 1}, BirthdayNotValid),
        ({"birth_month": 4, "birth_day": 31}, BirthdayNotValid),
        ({"birth_month": 2, "birth_day": 30}, BirthdayNotValid),
        ({"birth_year": 2001, "birth_month": 2, "birth_day": 29}, BirthdayNotValid),
        ({"birth_year": 1899}, BirthdayNotValid),
        ({"birth_year": 3000}, BirthdayNotValid),
        ({"birth_calendar": "lunar", "birth_month": 1, "birth_day": 31}, BirthdayNotValid),
    ],
)
def test_refuses(details: dict[str, Any], refusal: type[DomainError]) -> None:
    MemberFactory.create(phone="+8613800138000", email="anna@example.com", external_number="12346")
    with pytest.raises(refusal):
        services.register_member(source="till", **details)
    assert Member.objects.count() == 1


@pytest.mark.parametrize(
    "birthday",
    [
        {"birth_month": 2, "birth_day": 29},
        {"birth_year": 2000, "birth_month": 2, "birth_day": 29},
        {"birth_calendar": "lunar", "birth_month": 2, "birth_day": 30},
        {"birth_month": 12, "birth_day": 31},
    ],
)
def test_takes_rare_birthdays(birthday: dict[str, Any]) -> None:
    member = services.register_member(source="till", **birthday)
    member.refresh_from_db()
    assert {name: getattr(member, name) for name in birthday} == birthday


def test_refusal_says_which_number() -> None:
    MemberFactory.create(external_number="12346")
    with pytest.raises(ExternalNumberTaken) as refusal:
        services.register_member(source="import", external_number="12346")
    assert str(refusal.value) == "The customer number 12346 belongs to another member already."


@pytest.mark.parametrize(
    ("twice", "refusal"),
    [
        ({"phone": "13800138000"}, PhoneTaken),
        ({"email": "anna@example.com"}, EmailTaken),
        ({"external_number": "7"}, ExternalNumberTaken),
    ],
)
def test_refuses_a_batch_that_repeats_itself(
    twice: dict[str, str], refusal: type[DomainError]
) -> None:
    row = services.NewMember(source="import", **twice)  # type: ignore[typeddict-item]
    rows = [services.NewMember(source="import"), row, row]
    with pytest.raises(refusal):
        services.register_members(rows)
    assert Member.objects.count() == 0


def test_batch_is_all_or_nothing() -> None:
    MemberFactory.create(external_number="399")
    rows = [services.NewMember(source="import", external_number=str(n)) for n in range(400)]
    with pytest.raises(ExternalNumberTaken):
        services.register_members(rows)
    assert Member.objects.count() == 1


def test_names_follow_their_bearers_order() -> None:
    assert MemberFactory.create(family_name="欧阳", given_name="娜娜").display_name == "欧阳娜娜"
    assert (
        MemberFactory.create(family_name="Schmidt", given_name="Anna").display_name
        == "Anna Schmidt"
    )
    assert MemberFactory.create(family_name="", given_name="小明").display_name == "小明"
    assert MemberFactory.create(family_name="Wang", given_name="").display_name == "Wang"


def test_last_word_on_consent_counts() -> None:
    member, other = MemberFactory.create(), MemberFactory.create()
    for is_granted in (True, False):
        services.record_consent(
            member=member, channel=Consent.Channel.SMS, is_granted=is_granted, source="portal"
        )
    services.record_consent(
        member=member, channel=Consent.Channel.EMAIL, is_granted=True, source="till"
    )
    assert Consent.objects.current(member) == {"sms": False, "email": True}
    assert Consent.objects.current(other) == {}
    assert Consent.objects.count() == 3


def test_population_is_every_member_once_in_ranges() -> None:
    assert list(population(2)) == []
    ids = [MemberFactory.create().pk for _ in range(5)]
    Member.objects.filter(pk=ids[2]).delete()
    assert list(population(2)) == [(ids[0], ids[1]), (ids[3], ids[4])]
    assert list(population(3)) == [(ids[0], ids[3]), (ids[4], ids[4])]
    assert list(population(10)) == [(ids[0], ids[4])]


def race(*, threads: int, register: Callable[[], object]) -> list[object]:
    """Let all threads register at once; what each got or was refused with."""
    start = threading.Barrier(threads)
    outcomes: list[object] = []

    def run() -> None:
        try:
            start.wait(timeout=20)
            outcomes.append(register())
        except (PhoneTaken, IntegrityError) as error:
            outcomes.append(type(error))
        finally:
            connection.close()

    runners = [threading.Thread(target=run) for _ in range(threads)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join(timeout=30)
    return outcomes


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_phone_twice_at_once_makes_one_member() -> None:
    for number in range(10):
        phone = f"+861390000{number:04}"
        outcomes = race(
            threads=10,
            register=partial(services.register_member, source="portal", phone=phone),
        )
        assert outcomes.count(PhoneTaken) == 9
        assert Member.objects.filter(phone=phone).count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_loser_of_the_race_is_refused_kindly() -> None:
    """The rival's row is written but not visible when the loser looks."""
    phone = "+8613900009999"
    outcomes: list[object] = []

    def lose() -> None:
        try:
            services.register_member(source="portal", phone=phone)
        except PhoneTaken as error:
            outcomes.append(str(error))
        finally:
            connection.close()

    loser = threading.Thread(target=lose)
    with transaction.atomic():
        MemberFactory.create(phone=phone)
        loser.start()
        wait_until_blocked()
    loser.join(timeout=30)
    assert outcomes == ["This phone number belongs to another member already."]
    assert Member.objects.count() == 1


def wait_until_blocked() -> None:
    pause = threading.Event()
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() == (1,):
                return
            pause.wait(0.05)
    raise TimeoutError("Nobody waits for a lock.")
