"""Lists of card numbers as operators have them: typed, or from a file of a spreadsheet."""

import csv
import io
import unicodedata

from benefits.errors import ListNotReadable

ENCODINGS = ("utf-8-sig", "gb18030")


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, or what a Chinese spreadsheet saves; anything else is refused."""
    if b"\x00" in content:
        raise ListNotReadable()
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ListNotReadable()


def card_numbers(text: str) -> list[str]:
    """The first column of each line, without spaces and dashes, each once; a heading is none."""
    try:
        rows = list(csv.reader(io.StringIO(text)))
    except csv.Error:
        raise ListNotReadable() from None
    cells = [_plain(row[0]) for row in rows if row]
    if cells and not any(letter.isdigit() for letter in cells[0]):
        cells = cells[1:]
    return list(dict.fromkeys(cell for cell in cells if cell))


def _plain(cell: str) -> str:
    # Spreadsheets keep long numbers whole when they are quoted like a formula: ="1234".
    text = unicodedata.normalize("NFKC", cell).strip().lstrip("='").strip('"')
    return "".join(text.split()).replace("-", "")
