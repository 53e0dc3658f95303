"""Operators find a member by what they have at hand, by index, among however many."""

import pytest
from django.db import connection

from members import rules
from members.models import Member
from tests.factories import MemberFactory


@pytest.fixture
def anna(db: None) -> Member:
    MemberFactory(
        family_name="王", given_name="小明", phone="+8613900000001", email="w@example.com"
    )
    return MemberFactory(
        card_number="4000001234567899",
        external_number="C-77",
        family_name="Schmidt",
        given_name="Anna Maria",
        phone="+8613812345678",
        email="anna@example.com",
    )


@pytest.mark.parametrize(
    "text",
    [
        "4000001234567899",
        "4000 0012 3456 7899",
        "4000",
        "C-77",
        "+8613812345678",
        "+86 138 1234 5678",
        "138 1234 5678",
        "138-1234-5678",
        "13812",
        "+86138",
        "１３８１２３４５６７８",
        "anna@example.com",
        " Anna@Example.com ",
        "Schmidt",
        "Anna Maria Schmidt",
        "Schmidt Anna Maria",
    ],
)
def test_finds_by(text: str, anna: Member) -> None:
    assert list(Member.objects.search(text)) == [anna]


@pytest.mark.parametrize(
    "text",
    ["400", "77", "anna@example", "chmidt", "5678", "c-7", "4000001234567898", "%", "+86139123"],
)
def test_finds_nobody_by(text: str, anna: Member) -> None:
    assert list(Member.objects.search(text)) == []


def test_finds_everyone_by_nothing(anna: Member) -> None:
    assert Member.objects.search("  ").count() == 2


@pytest.mark.parametrize(("text", "found"), [("王小明", 1), ("王", 1), ("欧阳娜", 1), ("小明", 0)])
def test_parts_a_chinese_name(text: str, found: int, anna: Member) -> None:
    MemberFactory(family_name="欧阳", given_name="娜")
    assert Member.objects.search(text).count() == found


def test_finds_the_short_customer_number_as_a_whole(db: None) -> None:
    member = MemberFactory(external_number="77")
    MemberFactory(external_number="771")
    assert list(Member.objects.search("77")) == [member]


def test_finds_customer_numbers_by_four_digits(db: None) -> None:
    for number in ("14645", "14646", "1464", "24646"):
        MemberFactory(external_number=number)
    found = Member.objects.search("1464").order_by("external_number")
    assert [member.external_number for member in found] == ["1464", "14645", "14646"]


@pytest.mark.parametrize(
    "text",
    ["4000001234567899", "13812345678", "138123", "anna@example.com", "C-77", "王小明", "Anna Lee"],
)
def test_asks_only_indexes(text: str, anna: Member) -> None:
    at = {"joined_at": anna.joined_at, "joined_on": anna.joined_on, "source": "till"}
    Member.objects.bulk_create(
        [
            Member(
                card_number=rules.new_card_number(),
                external_number=f"X{number}",
                phone=f"+86150{number:08}",
                email=f"x{number}@example.com",
                family_name=f"F{number}",
                given_name="G",
                **at,
            )
            for number in range(5_000)
        ],
        batch_size=500,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE members_member")
    plan = Member.objects.search(text).order_by("-pk")[:50].explain()
    assert "Seq Scan" not in plan
    assert "SCAN" not in plan
    assert "members_member_pkey" not in plan
