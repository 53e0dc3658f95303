"""Calendar files by RFC 5545: lines, folding, escaping, instants."""

from datetime import UTC, datetime
from typing import Any

import pytest

from benefits.rules.calendar_files import Appointment, calendar_file
from tests.loyalty.programmes import local


def appointment(**details: Any) -> Appointment:
    filled: dict[str, Any] = {
        "uid": "registration-7@club.example",
        "number": 2,
        "written_at": datetime(2025, 3, 1, 4, 5, 6, 999, tzinfo=UTC),
        "starts_at": local(2025, 3, 24, 12),
        "ends_at": local(2025, 3, 24, 14),
        "title": "Tea tasting",
    }
    return Appointment(**filled | details)


def unfolded(content: bytes) -> list[str]:
    """The lines as a calendar reads them."""
    return content.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def value(content: bytes, name: str) -> str:
    (found,) = [line for line in unfolded(content) if line.startswith(f"{name}:")]
    return found.removeprefix(f"{name}:")


def read(text: str) -> str:
    """A TEXT value without its escapes, as section 3.3.11 has them."""
    read_, letters = [], iter(text)
    for letter in letters:
        if letter == "\\":
            escaped = next(letters)
            assert escaped in "\\;,nN"
            read_.append("\n" if escaped in "nN" else escaped)
        else:
            assert letter not in ";,"
            read_.append(letter)
    return "".join(read_)


def test_writes_the_whole_file() -> None:
    assert unfolded(calendar_file(appointment())) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Regulars//Events//EN",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        "UID:registration-7@club.example",
        "SEQUENCE:2",
        "DTSTAMP:20250301T040506Z",
        "DTSTART:20250324T040000Z",
        "DTEND:20250324T060000Z",
        "SUMMARY:Tea tasting",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Tea; cake, and \\ more",
        "First line\nsecond\r\nthird\rfourth",
        "品茶会" * 60,
        "a" + "茶" * 80,
        "🍵" * 40,
        "静安店\u3000二楼\u00a0左",
        "👩\u200d👧" * 30,
        "x" * 75 + "y" * 74,
        "BEGIN:VEVENT\r\nEND:VCALENDAR",
    ],
)
def test_keeps_every_text_whole(text: str) -> None:
    content = calendar_file(appointment(text=text, title=text, place=text))
    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    for name in ("DESCRIPTION", "SUMMARY", "LOCATION"):
        assert read(value(content, name)) == expected
    lines = content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    for line in lines:
        line.decode()
    assert unfolded(content).count("END:VCALENDAR") == 1


def test_leaves_out_what_no_calendar_reads() -> None:
    content = calendar_file(appointment(title="Tea\x00 \x07tasting\x7f\x85\ud800"))
    assert value(content, "SUMMARY") == "Tea tasting"


def test_an_address_stays_on_its_line() -> None:
    address = "https://club.example/events/places/7/\r\nATTENDEE:x"
    content = calendar_file(appointment(address=address))
    assert value(content, "URL") == "https://club.example/events/places/7/ATTENDEE:x"


@pytest.mark.parametrize(
    ("details", "status"),
    [
        ({}, "CONFIRMED"),
        ({"is_tentative": True}, "TENTATIVE"),
        ({"is_cancelled": True}, "CANCELLED"),
        ({"is_cancelled": True, "is_tentative": True}, "CANCELLED"),
    ],
)
def test_says_how_firm_it_is(details: dict[str, bool], status: str) -> None:
    assert value(calendar_file(appointment(**details)), "STATUS") == status
