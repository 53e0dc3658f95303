"""One appointment as a calendar file (RFC 5545): for the calendars of phones and computers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from unicodedata import category

# Octets in a line, without its end; a line goes on in the next one after a space.
LONGEST_LINE = 75
# Control characters, and halves of characters that UTF-8 cannot hold.
NO_TEXT = frozenset({"Cc", "Cs"})
PRODUCT = "-//Regulars//Events//EN"
BREAKS = (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n"))


@dataclass(frozen=True)
class Appointment:
    """What a calendar is told; `number` grows with every change, so that the later one counts."""

    uid: str
    number: int
    written_at: datetime
    starts_at: datetime
    ends_at: datetime
    title: str
    text: str = ""
    place: str = ""
    address: str = ""
    is_tentative: bool = False
    is_cancelled: bool = False

    @property
    def status(self) -> str:
        if self.is_cancelled:
            return "CANCELLED"
        return "TENTATIVE" if self.is_tentative else "CONFIRMED"


def calendar_file(appointment: Appointment) -> bytes:
    """The file, in UTF-8, its instants in UTC."""
    lines = (part for line in _lines(appointment) for part in _folded(line))
    return "".join(f"{line}\r\n" for line in lines).encode()


def _lines(appointment: Appointment) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:{PRODUCT}"
    yield "CALSCALE:GREGORIAN"
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(appointment.uid)}"
    yield f"SEQUENCE:{appointment.number}"
    yield f"DTSTAMP:{_instant(appointment.written_at)}"
    yield f"DTSTART:{_instant(appointment.starts_at)}"
    yield f"DTEND:{_instant(appointment.ends_at)}"
    yield f"SUMMARY:{_text(appointment.title)}"
    if appointment.text:
        yield f"DESCRIPTION:{_text(appointment.text)}"
    if appointment.place:
        yield f"LOCATION:{_text(appointment.place)}"
    if appointment.address:
        yield f"URL:{''.join(appointment.address.split())}"
    yield f"STATUS:{appointment.status}"
    yield "END:VEVENT"
    yield "END:VCALENDAR"


def _text(value: str) -> str:
    """A text of which no character ends the line or the value; control characters are left out.

    What is only invisible stays: the wide space of Chinese, what joins an emoji.
    """
    for found, written in BREAKS:
        value = value.replace(found, written)
    return "".join(letter for letter in value if letter == "\t" or category(letter) not in NO_TEXT)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 octets, none of which cuts a character in two."""
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > LONGEST_LINE:
            yield piece
            piece = " "
        piece += letter
    yield piece
