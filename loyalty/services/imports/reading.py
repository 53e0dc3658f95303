"""Open a file of purchases, plain or gzipped, and read it as a stream."""

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from django.utils.translation import gettext as _

from loyalty.errors import UnreadableFile

from .formats import Format

GZIP_MAGIC = b"\x1f\x8b"


def fingerprint(path: Path) -> str:
    """The SHA-256 of the file as it lies on disk."""
    with _told(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def records(path: Path, form: Format) -> Iterator[tuple[int, dict[str, str]]]:
    """Each record with the number of the line on which it begins; blank lines hold none.

    Refused as a whole: a file that is missing, empty, cut short, not text in UTF-8, without the
    format's columns, or with a quote that never ends. A record with too few fields holds empty
    texts for the rest; as the last one, without an end of line, it says that the file is cut.
    """
    with _told(path), _opened(path) as text:
        lines = _Lines(text)
        reader = csv.reader(lines, strict=True)
        header = next(_numbered(path, reader), (1, None))[1]
        columns = _checked_header(path, form, header)
        width = len(columns)
        for number, fields in _numbered(path, reader):
            lacking = width - len(fields)
            if lacking > 0:
                _refuse_cut(path, number, lines.last)
                fields += [""] * lacking
            yield number, dict(zip(columns, fields, strict=False))


class _Reader(Protocol):
    """What the csv module's reader does; its class has no name to import."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


class _Lines:
    """The lines of a file; remembers the last one read."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            self.last = line
            yield line


def _numbered(path: Path, reader: _Reader) -> Iterator[tuple[int, list[str]]]:
    """Records that hold something, each with the number of its first line."""
    while True:
        number = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise UnreadableFile(file=path.name, reason=_why(number, reader, error)) from error
        if fields is None:
            return
        if fields:
            yield number, fields


def _why(number: int, reader: _Reader, error: csv.Error) -> str:
    """A quote that nobody closes swallows lines until the file or the parser's patience ends."""
    if reader.line_num > number or "end of data" in str(error):
        return _("The record that begins in row %s never ends: is a quote not closed?") % number
    return _("Row %(row)s is not CSV: %(error)s.") % {"row": number, "error": error}


def _refuse_cut(path: Path, number: int, last: str) -> None:
    """A last line without an end and with fields missing: the rest of the file is lost."""
    if not last.endswith(("\n", "\r")):
        reason = _("It is cut short in row %s, which has no end.") % number
        raise UnreadableFile(file=path.name, reason=reason)


def _checked_header(path: Path, form: Format, header: list[str] | None) -> list[str]:
    if header is None:
        raise UnreadableFile(file=path.name, reason=_("It is empty."))
    missing = [name for name in form.columns if name not in header]
    if missing:
        reason = _("Row 1 lacks the columns %(missing)s of the format %(form)s.") % {
            "missing": ", ".join(missing),
            "form": form.name,
        }
        raise UnreadableFile(file=path.name, reason=reason)
    return header


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """Text of the file; gzip is told by its first bytes, whatever the name says."""
    with path.open("rb") as raw:
        is_gzip = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        if is_gzip:
            with gzip.open(raw) as unpacked:
                yield io.TextIOWrapper(unpacked, encoding="utf-8-sig", newline="")
        else:
            yield io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in words why a file cannot be read."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableFile(file=path.name, reason=_("There is no such file.")) from error
    except IsADirectoryError as error:
        raise UnreadableFile(file=path.name, reason=_("It is a folder.")) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = _("It is cut short or damaged.")
        raise UnreadableFile(file=path.name, reason=reason) from error
    except UnicodeDecodeError as error:
        reason = _("It is not text in UTF-8.")
        raise UnreadableFile(file=path.name, reason=reason) from error
    except PermissionError as error:
        raise UnreadableFile(file=path.name, reason=_("It may not be read.")) from error
