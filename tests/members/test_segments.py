"""Segments are dated lists of members, tags are words on them; both by cards."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from members.errors import CardsMissing, CardsUnknown
from members.forms import CardsForm, card_numbers
from members.models import MemberTag, Segment, SegmentMembership, Tag
from members.services import add_to_segment, tag_members, take_from_segment, untag_members
from tests.factories import MemberFactory, OperatorFactory

pytestmark = pytest.mark.django_db

FIRST, LATER = date(2025, 3, 1), date(2025, 4, 1)


@pytest.fixture
def segment() -> Segment:
    return Segment.objects.create(code="tea", name_en="Tea lovers", name_zh="茶友")


@pytest.fixture
def tag() -> Tag:
    return Tag.objects.create(code="vip", name_en="Guest of honour")


def cards(count: int) -> list[str]:
    return [MemberFactory.create().card_number for _ in range(count)]


def inside(segment: Segment, day: date) -> int:
    return SegmentMembership.objects.on(day).filter(segment=segment).count()


def test_members_are_in_it_from_a_day_on(segment: Segment) -> None:
    listed = cards(3)
    assert add_to_segment(segment=segment, cards=listed, on=FIRST) == 3
    assert add_to_segment(segment=segment, cards=[*listed, *cards(1)], on=LATER) == 1
    days = [date(2025, 2, 28), FIRST, date(2025, 3, 31), LATER]
    assert [inside(segment, day) for day in days] == [0, 3, 3, 4]


def test_whoever_is_taken_out_was_in_it_until_then(segment: Segment) -> None:
    listed = cards(2)
    add_to_segment(segment=segment, cards=listed, on=FIRST)
    assert take_from_segment(segment=segment, cards=listed[:1], on=LATER) == 1
    assert take_from_segment(segment=segment, cards=listed[:1], on=LATER) == 0
    assert [inside(segment, day) for day in (FIRST, date(2025, 3, 31), LATER)] == [2, 2, 1]
    assert add_to_segment(segment=segment, cards=listed, on=date(2025, 5, 1)) == 1
    assert SegmentMembership.objects.count() == 3


def test_a_stay_that_had_not_begun_never_held(segment: Segment) -> None:
    listed = cards(1)
    add_to_segment(segment=segment, cards=listed, on=LATER)
    assert take_from_segment(segment=segment, cards=listed, on=FIRST) == 1
    assert [inside(segment, day) for day in (FIRST, LATER)] == [0, 0]


@pytest.mark.parametrize("change", [add_to_segment, take_from_segment])
def test_refuses_a_list_with_unknown_cards_as_a_whole(segment: Segment, change: Any) -> None:
    with pytest.raises(CardsUnknown) as refusal:
        change(segment=segment, cards=[*cards(1), "123", "456"])
    assert "123, 456" in str(refusal.value)
    with pytest.raises(CardsMissing):
        change(segment=segment, cards=[])
    assert not SegmentMembership.objects.exists()


def test_names_the_first_ten_of_many_unknown_cards(segment: Segment) -> None:
    with pytest.raises(CardsUnknown) as refusal:
        add_to_segment(segment=segment, cards=[str(number) for number in range(1200)])
    assert "8, 9 … (1,200)" in str(refusal.value)


def test_a_tag_is_put_on_and_taken_off(tag: Tag) -> None:
    listed, operator = cards(3), OperatorFactory.create()
    assert tag_members(tag=tag, cards=listed, operator=operator) == 3
    assert tag_members(tag=tag, cards=listed) == 0
    assert {row.operator for row in MemberTag.objects.all()} == {operator}
    assert untag_members(tag=tag, cards=listed[:2]) == 2
    assert untag_members(tag=tag, cards=listed[:2]) == 0
    with pytest.raises(CardsUnknown):
        untag_members(tag=tag, cards=[listed[2], "123"])
    assert MemberTag.objects.get().member.card_number == listed[2]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("8000 1234\n8000-5678\n\n", ["80001234", "80005678"]),
        ("80001234,王小明\r\n80005678;x\n", ["80001234", "80005678"]),
        ('"80001234"\t金卡', ["80001234"]),
        ("８０００１２３４", ["80001234"]),
        (" \n,\n", []),
    ],
)
def test_cards_are_read_as_people_write_them(text: str, found: list[str]) -> None:
    assert card_numbers(text) == found


@pytest.mark.parametrize(
    ("content", "words"), [(b"\xff\xfe1", "UTF-8"), (b"1" * (4 * 1024 * 1024 + 1), "too long")]
)
def test_refuses_a_file_that_is_no_list(content: bytes, words: str) -> None:
    form = CardsForm({"key": "k"}, {"file": SimpleUploadedFile("cards.csv", content)})
    assert not form.is_valid()
    assert words in str(form.errors["file"])


def test_operators_paste_and_upload(client: Client, segment: Segment, tag: Tag) -> None:
    client.force_login(OperatorFactory.create())
    pasted, uploaded = cards(2)
    page = reverse("admin:members_segment_put", args=[segment.pk])
    file = SimpleUploadedFile("cards.csv", f"\ufeff{uploaded},x\n".encode())
    sent = {"key": "k", "pasted": f"{pasted}\n", "file": file}
    told = client.post(page, sent, follow=True).content.decode()
    assert "2 members are new in the segment." in told
    assert pasted in told
    refused = client.post(page, {"key": "k", "pasted": "123"}).content.decode()
    assert "Nobody holds these cards: 123." in refused
    page = reverse("admin:members_tag_put", args=[tag.pk])
    told = client.post(page, {"key": "k", "pasted": pasted}, follow=True).content.decode()
    assert "1 member got the tag." in told
    for name, row, words in (
        ("members_segment_take", segment, "1 member left the segment."),
        ("members_tag_take", tag, "1 member lost the tag."),
    ):
        page = reverse(f"admin:{name}", args=[row.pk])
        assert (
            words in client.post(page, {"key": "k", "pasted": pasted}, follow=True).content.decode()
        )
